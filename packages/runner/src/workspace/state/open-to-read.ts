import type { StateStore } from '@engage-sync/core'
import type { Io } from '../../process/io.ts'
import { isSyncError } from '../../process/sync-error.ts'
import { openState } from './open-state.ts'
import type { StatePlace } from './open-state.ts'

/**
 * Opens a state for a command that only tells what it holds: it needs no right to write, an older
 * format is read as it is, and so is the state of a workspace whose API key was replaced since.
 *
 * @throws {SyncError} see `openState`
 */
export async function openToRead(
  place: StatePlace,
  { stderr }: Pick<Io, 'stderr'>,
): Promise<StateStore> {
  const wanted = { ...place, create: 'never', access: 'read' } as const
  try {
    return await openState(wanted)
  } catch (error) {
    if (!isSyncError(error) || error.code !== 'STATE_OTHER_WORKSPACE') throw error
    const store = await openState({ ...wanted, rebind: true })
    stderr.write(newKeyNote(place.environment.name))
    return store
  }
}

function newKeyNote(environment: string): string {
  return `The API key is not the one this state was written with. It is read all the same; runs stop until you say that the workspace is the same one: engage-sync state init --new-key --env ${environment}\n`
}
