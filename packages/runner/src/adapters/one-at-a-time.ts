import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { isSyncError } from '../process/sync-error.ts'
import { guarded } from '../state/sqlite/errors.ts'

/** How often it is looked whether it is free, milliseconds. */
const LOOK_MS = 100

/**
 * Does what no other process of this machine does at the same time, by the same file; waits for it.
 *
 * Shape: what `work` gives. The system frees the file of a process that died.
 *
 * @param file - is made where it is not there, and stays
 * @throws {StateError} where the file cannot be made
 * @throws what `work` throws, and the reason of an abort
 */
export async function oneAtATime<T>(
  file: string,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const lock = guarded(file, () => new DatabaseSync(file, { timeout: 0 }))
  try {
    while (!isTaken(lock, file)) await sleep(LOOK_MS, undefined, { signal })
    return await work()
  } finally {
    lock.close()
  }
}

function isTaken(lock: DatabaseSync, file: string): boolean {
  try {
    guarded(file, () => lock.exec('BEGIN EXCLUSIVE'))
    return true
  } catch (error) {
    if (isSyncError(error) && error.code === 'STATE_UNAVAILABLE') return false
    throw error
  }
}
