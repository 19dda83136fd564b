import { SyncError } from '@engage-sync/core'

/** A source that is gone is not empty: nobody should allow that before looking where it went. */
export function goneSource(error: unknown): unknown {
  if (!(error instanceof SyncError) || error.code !== 'SOURCE_NOT_FOUND') return error
  const { code, message, place } = error
  return new SyncError(code, message, {
    hint: 'It held records before. Look whether files were moved or renamed, or a disk is missing; nothing was sent, and the next run goes on where the last one ended.',
    ...(place !== undefined && { place }),
  })
}
