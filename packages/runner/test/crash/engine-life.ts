import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize } from 'node:v8'
import { compileSync } from '@engage-sync/core'
import type { NormalisedSync } from '@engage-sync/core'
import { createFileSource } from '@engage-sync/segment'
import type { OnUnknown } from '../../src/engine/index.ts'
import { openSqlite } from '../../src/state/sqlite/open-sqlite.ts'
import { runAgainst } from '../faults/sea.ts'
import { NORMALISED } from './workload.ts'

/** Arguments of a life of the engine: simulator, directory, `on_unknown`, and perhaps its memory budget, bytes. */
export type LifeArgs = readonly [
  url: string,
  directory: string,
  onUnknown: OnUnknown,
  budget?: string,
]

/**
 * One life of the engine without the command line around it. The state lies where the program
 * would have it, and the configuration beside it as it is once it was checked.
 *
 * Shape: its exit code, and what it would say of a failure.
 */
export async function engineLife([url, directory, onUnknown, budget]: LifeArgs): Promise<{
  readonly code: 0 | 1
  readonly err: string
}> {
  const sync = deserialize(readFileSync(join(directory, NORMALISED))) as NormalisedSync
  const { failure, report } = await runAgainst(
    url,
    {
      openStore: async () => {
        const path = join(directory, '.engage-sync/local/state.sqlite')
        return openSqlite({
          path,
          environment: 'local',
          workspace: 'sea',
          create: true,
          now: Date.now,
        })
      },
    },
    {
      lines: [],
      syncs: [compileSync(sync)],
      sources: new Map([
        ['engage', createFileSource({ path: ['data/*.ndjson'], root: directory })],
      ]),
      onUnknown,
      waitForLeaseMs: 10_000,
      ...(budget === undefined ? {} : { memoryBudgetBytes: Number(budget) }),
    },
  )
  const err = failure === null ? '' : `${String(failure)}\n`
  return { code: failure === null && report.status === 'done' ? 0 : 1, err }
}
