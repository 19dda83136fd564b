import { SyncError } from '@engage-sync/core'
import type { NormalisedSync } from '@engage-sync/core'
import type { OpenEnvironment } from './open-workspace.ts'

/**
 * The syncs `--select` names; all without it.
 *
 * @throws {SyncError} `SELECT_UNKNOWN` for a name that fits none
 */
export async function selectByNames({ config }: OpenEnvironment, names: readonly string[] | undefined): Promise<readonly NormalisedSync[]> {
  if (names === undefined) return config.syncs
  const unknown = names.find((name) => !config.syncs.some((sync) => sync.name === name))
  if (unknown === undefined) return config.syncs.filter((sync) => names.includes(sync.name))
  throw new SyncError('SELECT_UNKNOWN', `There is no sync "${unknown}"`, {
    hint: `There are: ${config.syncs.map(({ name }) => name).join(', ')}.`,
  })
}
