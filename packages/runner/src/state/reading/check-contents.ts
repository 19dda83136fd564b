import { isSyncError } from '../../process/sync-error.ts'
import { PARTITIONS, readPartition } from '@engage-sync/core'
import type { StateStore } from '@engage-sync/core'
import { eachDeadLetter } from './dead-letters.ts'
import { readLayout } from './row-layout.ts'

/**
 * Reads everything a state holds, as a run would.
 *
 * Shape: what is wrong, one line each; empty when all can be read. Lost connections are thrown.
 */
export async function checkContents(store: StateStore): Promise<readonly string[]> {
  const problems: string[] = []
  const attempt = async <T>(read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read()
    } catch (error) {
      if (!isSyncError(error) || error.code !== 'STATE_UNREADABLE') throw error
      problems.push(error.message)
      return null
    }
  }
  await attempt(() => store.openMarks())
  await attempt(() => store.positions())
  await attempt(() => store.partitionPositions())
  await attempt(() => store.mappings())
  await attempt(() => store.runs(Number.MAX_SAFE_INTEGER))
  await attempt(async () => {
    for await (const letter of eachDeadLetter(store)) void letter
  })
  await attempt(() => store.values(''))
  const layout = await attempt(() => readLayout(store))
  for (let number = 0; number < PARTITIONS; number++) {
    const image = await attempt(() => store.loadPartition(number))
    if (image !== null && layout !== null)
      await attempt(async () => readPartition(number, layout, image))
  }
  return problems
}
