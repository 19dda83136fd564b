import type { StateStore } from '@engage-sync/core'
import { killPoint } from '../../process/kill-points.ts'
import { purgeDue } from '../values/values.ts'

/** What every commit that erases a user carries, so that the purge is not lost with the process. */
export const purgeLater = purgeDue.stored(true)

/** Whether something was erased that files of the state may still hold. */
export async function isPurgeDue(store: StateStore): Promise<boolean> {
  return await purgeDue.read(store)
}

/**
 * Purges a state where that is due: what this process erased, and what one erased that was killed
 * before it got here.
 *
 * Shape: false when it stays due, since somebody reads what was erased. Costs one look where
 * nothing is due.
 *
 * @param epoch - of the lease the caller holds
 * @throws {SyncError} see `StateStore`; it stays due then
 */
export async function purgeErased(store: StateStore, epoch: () => number): Promise<boolean> {
  if (!(await isPurgeDue(store))) return true
  // Says it again, to learn whether the lease is still ours: nobody is to be kept waiting by one
  // who lost it.
  await store.commit({ epoch: epoch(), values: [purgeLater] })
  killPoint('before-purge')
  if (!(await store.purge())) return false
  killPoint('after-purge')
  await store.commit({ epoch: epoch(), values: [purgeDue.cleared] })
  return true
}

/** The same, for one who has more to tell: returns what prevents it, or null. */
export async function tryToPurge(store: StateStore, epoch: () => number): Promise<unknown> {
  try {
    await purgeErased(store, epoch)
    return null
  } catch (error) {
    return error
  }
}
