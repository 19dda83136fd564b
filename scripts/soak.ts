/*
 * What `npm test` samples, whole, and what it draws by chance, drawn again and again: kills at every point over every
 * store, laws over worlds of other seeds, any requests to the simulator, then kills at any time.
 *
 * `npm run soak -- --rounds 20 --runs 2000 --seed 7`. Takes about an hour; on a disk, where tests use memory.
 */
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const ROOT = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    /** How often laws are drawn anew. */
    rounds: { type: 'string', default: '10' },
    /** Kills at named points and random times. */
    runs: { type: 'string', default: '500' },
    /** How long the simulator is sent any requests, seconds. */
    seconds: { type: 'string', default: '60' },
    /** Of the first round; the next ones count on. */
    seed: { type: 'string', default: '1' },
  },
})
const seed = Number(values.seed)
const failed: string[] = []

const WHOLE = [
  'crash',
  'killed',
  'fleet-logs',
  'fleet-ways',
  'odd-answers',
  'failing-disk',
  'state/sqlite',
  'state/postgres',
]
step('kills, disks that fail, damage, and a Braze that answers oddly', vitest(...WHOLE), {
  ENGAGE_SYNC_WHOLE: 'yes',
  ENGAGE_SYNC_SEED: values.seed,
})
for (let round = 0; round < Number(values.rounds); round++) {
  step(`laws, seed ${seed + round}`, vitest('laws', 'fuzz'), {
    ENGAGE_SYNC_SEED: String(seed + round),
  })
}
step(
  'any requests to the simulator',
  source('packages/braze-simulator/test/fuzz/soak.ts', values.seconds, values.seed),
)
step(
  'kills at any time',
  source('packages/runner/test/crash/soak.ts', '--runs', values.runs, '--seed', values.seed),
)

process.stdout.write(failed.length === 0 ? 'Nothing failed.\n' : `Failed: ${failed.join('; ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1

function vitest(...files: readonly string[]): readonly string[] {
  return [join(ROOT, 'node_modules/.bin/vitest'), 'run', ...files]
}

function source(...words: readonly string[]): readonly string[] {
  return [process.execPath, '--conditions=engage-sync-source', '--no-warnings', ...words]
}

function step(
  name: string,
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): void {
  process.stdout.write(`\n── ${name}\n`)
  const { status } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ENGAGE_SYNC_TEST_DIRECTORY: tmpdir(), ...env },
  })
  if (status !== 0) failed.push(name)
}
