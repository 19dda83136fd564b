import type { MappingRecord } from '@engage-sync/core'
import type { Io } from '../../process/io.ts'
import { isSyncError } from '../../process/sync-error.ts'
import type { ReadConfig } from '../configuration/config-files.ts'
import { resolveEnvironment } from '../environment/resolve-environment.ts'

/**
 * The mappings that the state of the environment knows; none where there is no state yet.
 *
 * @throws {SyncError} `SECRET_…` and `STATE_…`
 */
export async function readKnownMappings(
  config: ReadConfig,
  io: Pick<Io, 'env'>,
): Promise<readonly MappingRecord[]> {
  const environment = resolveEnvironment(config, io)
  const { openState } = await import('./open-state.ts')
  try {
    const store = await openState({
      environment,
      root: config.root,
      create: 'never',
      access: 'read',
    })
    try {
      return await store.mappings()
    } finally {
      await store.close()
    }
  } catch (error) {
    if (isSyncError(error) && error.code === 'STATE_NOT_INITIALISED') return []
    throw error
  }
}
