import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'
import { NOT_QUICK } from './scripts/tests/long-files.ts'
import { LongestFirst } from './scripts/tests/longest-first.ts'

const conditions = ['engage-sync-source', 'node', 'default']

/** All tests of all packages, over their sources. `--mode quick` leaves out kills, laws, and what takes seconds a file. */
export default defineConfig(({ mode }) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(mode === 'quick' ? NOT_QUICK : [])],
    globalSetup: ['scripts/tests/run-directory.ts', 'scripts/tests/seed.ts'],
    setupFiles: 'scripts/tests/seeded-laws.ts',
    pool: 'threads',
    // Files of one worker share their modules: importing them again for every file takes longer than the tests.
    isolate: false,
    // Two more than there are cores: tests wait for the programs they start.
    maxWorkers: availableParallelism() + 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
}))
