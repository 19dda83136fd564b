import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

/** How often it is looked whether it is free, milliseconds. */
const LOOK_MS = 100

/**
 * Does what no other process of this machine does at the same time, by the same file; waits for it.
 *
 * Shape: what `work` gives. The system frees the file of a process that died.
 *
 * @param file - is made where it is not there, and stays
 * @throws what `work` throws, and the reason of an abort
 */
export async function oneAtATime<T>(
  file: string,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    while (!isTaken(lock)) await sleep(LOOK_MS, undefined, { signal })
    return await work()
  } finally {
    lock.close()
  }
}

function isTaken(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && error.message.includes('locked')) return false
    throw error
  }
}
