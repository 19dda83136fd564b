import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize } from 'node:v8'
import { compileSync } from '@engage-sync/core'
import type { NormalisedSync } from '@engage-sync/core'
import { createFileSource } from '@engage-sync/segment'
import { armKillPoint } from '../../src/process/kill-points.ts'
import type { OnUnknown } from '../../src/engine/index.ts'
import { openSqlite } from '../../src/state/sqlite/open-sqlite.ts'
import { runAgainst } from '../faults/sea.ts'
import { NORMALISED } from './workload.ts'

/**
 * One life of the engine without the command line around it, so that thousands take little time:
 * `life.ts <simulator> <directory> <on_unknown> [memory budget, bytes]`. The state lies where the
 * program would have it, and the configuration beside it as it is once it was checked.
 */
const [url, directory, onUnknown, budget] = process.argv.slice(2)
armKillPoint(process.env['ENGAGE_SYNC_KILL_AT'])

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
    sources: new Map([['engage', createFileSource({ path: ['data/*.ndjson'], root: directory })]]),
    onUnknown: onUnknown as OnUnknown,
    waitForLeaseMs: 10_000,
    ...(budget === undefined ? {} : { memoryBudgetBytes: Number(budget) }),
  },
)
if (failure !== null) process.stderr.write(`${String(failure)}\n`)
process.exitCode = failure === null && report.status === 'done' ? 0 : 1
