import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isSyncError } from '../../process/sync-error.ts'
import { openState } from './open-state.ts'
import { environmentDirectory } from '../environment/directory.ts'
import type { StatePlace } from './open-state.ts'
import { holdingLease } from './with-state.ts'

/**
 * What of an environment's directory goes with its state: the database with its log, and what was
 * spooled for it.
 */
const WITH_STATE = /^(state\.sqlite.*|spool)$/
/** What goes as well where Braze is the simulator. */
const WITH_SIMULATOR = /^simulator\..*$/

/**
 * Removes the state of an environment, also one that is damaged; the simulator's store with it.
 *
 * Shape: whether there was one.
 *
 * @throws {SyncError} `STATE_LEASE_HELD`, `STATE_OTHER_WORKSPACE`, `STATE_NEWER`,
 *   `STATE_READ_ONLY`, `STATE_UNAVAILABLE`
 */
export async function resetState(options: StatePlace): Promise<boolean> {
  const condition = await conditionOf(options)
  const { environment, root } = options
  if (environment.state.url !== null && condition !== 'none') {
    const { dropPostgresState } = await import('../../state/postgres/drop.ts')
    await dropPostgresState(environment.state.url)
  }
  removeFiles(
    environmentDirectory(root, environment.name),
    environment.braze.endpoint === 'simulator',
  )
  return condition !== 'none'
}

/** A sound state is only removed while nobody works on it. */
async function conditionOf(options: StatePlace): Promise<'none' | 'sound' | 'damaged'> {
  try {
    const store = await openState({ ...options, create: 'never', access: 'hold' })
    try {
      await holdingLease(store, 'state reset', async () => {})
    } finally {
      await store.close()
    }
    return 'sound'
  } catch (error) {
    if (!isSyncError(error)) throw error
    if (error.code === 'STATE_NOT_INITIALISED') return 'none'
    if (error.code === 'STATE_UNREADABLE') return 'damaged'
    throw error
  }
}

function removeFiles(directory: string, isSimulated: boolean): void {
  let names: readonly string[]
  try {
    names = readdirSync(directory)
  } catch {
    return
  }
  for (const name of names) {
    if (WITH_STATE.test(name) || (isSimulated && WITH_SIMULATOR.test(name)))
      rmSync(join(directory, name), { recursive: true })
  }
}
