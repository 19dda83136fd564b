import { isDeepStrictEqual } from 'node:util'
import type { StateStore } from '@engage-sync/core'
import type { UsedLog } from '../adapters/used-log.ts'
import { isSyncError } from '../process/sync-error.ts'
import { currentEpoch } from '../state/reading/workers.ts'
import { usedLogs } from '../state/values/used-logs.ts'
import { holdingLease } from '../workspace/state/with-state.ts'

/** Whoever works may change between a look and a commit. */
const TRIES = 20
const PASSING = new Set(['STATE_LEASE_HELD', 'STATE_LEASE_LOST'])

/**
 * Notes where records wait from now on, for a start with another log: before a window is committed
 * no position says so.
 *
 * Shape: beside whoever works, a front among them; where nobody does, under a lease of a moment.
 *
 * @param used - by source
 */
export async function noteLogs(
  store: StateStore,
  used: ReadonlyMap<string, UsedLog>,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await note(store, used)
    } catch (error) {
      const mayPass = isSyncError(error) && PASSING.has(error.code)
      if (!mayPass || tries === TRIES) throw error
    }
  }
}

async function note(store: StateStore, used: ReadonlyMap<string, UsedLog>): Promise<void> {
  const noted = await usedLogs.readAll(store)
  const values = [...used]
    .filter(([source, log]) => !isDeepStrictEqual(noted.get(source), log))
    .map(([source, log]) => usedLogs.stored(source, log))
  if (values.length === 0) return
  const beside = await currentEpoch(store)
  if (beside === null)
    await holdingLease(store, 'serve', (epoch) => store.commit({ epoch, values }))
  else await store.commit({ epoch: beside, values })
}
