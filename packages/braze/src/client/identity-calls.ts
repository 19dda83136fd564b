import type { CallResult } from '../api/index.ts'
import type { Answer, Exchanger } from '../exchange/index.ts'
import { LIMITS } from '../limits.ts'
import { atMost, callBraze, resultOf } from './client-call.ts'
import type { CallOptions } from './client-call.ts'

/** What became of renames or removals; those of `failed` were not done. */
export interface MigrationResult extends CallResult {
  /** Ids that are new, or gone. */
  readonly done: readonly string[]
  /** Index in what was given, where Braze tells it. */
  readonly failed: readonly { readonly index: number | null }[]
}

/** Calls that change a user's own external id. */
export interface IdentityCalls {
  /**
   * Gives users a new external id; the current one goes on working, deprecated, until it is
   * removed.
   */
  renameExternalIds(
    renames: readonly { readonly current_external_id: string; readonly new_external_id: string }[],
    options?: CallOptions,
  ): Promise<MigrationResult>
  /** Removes deprecated external ids for good. */
  removeExternalIds(externalIds: readonly string[], options?: CallOptions): Promise<MigrationResult>
}

/**
 * Calls of Braze's external id migration, 1,000 a minute.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/external_id_migration/post_external_ids_rename/
 */
export function identityCalls(shared: Exchanger): IdentityCalls {
  const send = async (path: string, body: object, signal: AbortSignal | undefined) =>
    callBraze(shared, { path, group: 'migration', body, repeatable: false, signal })
  return {
    async renameExternalIds(renames, { signal } = {}) {
      atMost(LIMITS.idsPerRequest, renames.length, 'renames')
      return migrated(
        await send('/users/external_ids/rename', { external_id_renames: renames }, signal),
        {
          done: 'external_ids',
          failed: 'rename_errors',
        },
      )
    },
    async removeExternalIds(externalIds, { signal } = {}) {
      atMost(LIMITS.idsPerRequest, externalIds.length, 'ids')
      return migrated(
        await send('/users/external_ids/remove', { external_ids: externalIds }, signal),
        {
          done: 'removed_ids',
          failed: 'removal_errors',
        },
      )
    },
  }
}

function migrated(
  answer: Answer,
  names: { readonly done: string; readonly failed: string },
): MigrationResult {
  const { [names.done]: done, [names.failed]: failed } = answer.body as Readonly<
    Record<string, unknown>
  >
  return {
    ...resultOf(answer),
    done: Array.isArray(done) ? done.filter((id): id is string => typeof id === 'string') : [],
    failed: Array.isArray(failed) ? failed.map((each) => ({ index: indexOf(each) })) : [],
  }
}

/** An error comes as `[index, text]`; its text can hold an id. */
function indexOf(error: unknown): number | null {
  const [index] = Array.isArray(error) ? (error as readonly unknown[]) : []
  return typeof index === 'number' ? index : null
}
