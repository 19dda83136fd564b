import { SyncError } from '@engage-sync/core'
import type { Report } from '@engage-sync/core'
import { inspectUser } from '../engine/index.ts'
import type { EngineOptions } from '../engine/index.ts'

/**
 * A run for some users that met none of them: nothing new of a known one is an answer, a user
 * nobody knows is a typing mistake.
 *
 * @throws {SyncError} `USAGE_ONLY` when neither the records read nor the state know any of them
 */
export async function expectSomebody(
  { store, syncs, kind, now }: Pick<EngineOptions, 'store' | 'syncs' | 'kind' | 'now'>,
  { users }: Pick<Report, 'users'>,
): Promise<void> {
  if (kind.onlyUsers === null || users.seen > 0) return
  for (const user of kind.onlyUsers) {
    if ((await inspectUser({ store, syncs, nowMs: now() }, user)).length > 0) return
  }
  throw new SyncError(
    'USAGE_ONLY',
    'Nobody of --only is known: no new record names them, nor does the state',
    {
      hint: 'Write an identifier as the sync finds it: see `identity` of the sync. With --reread records that were read before are looked at, too.',
    },
  )
}
