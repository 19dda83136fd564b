import { SyncError } from '@engage-sync/core'

/**
 * A source that once held records and holds none any more is a destructive surprise, not a typo.
 *
 * @param allow - what `--allow` said
 * @throws {SyncError} `GUARD_EMPTY_SOURCE` unless that is allowed
 */
export function refuseEmptySource(
  source: string,
  { emptySource }: { readonly emptySource: 'stop' | 'allow' },
  allow: readonly string[],
): void {
  if (
    emptySource === 'allow' ||
    allow.some((text) => text === 'empty_source' || text === `empty_source=${source}`)
  )
    return
  throw new SyncError(
    'GUARD_EMPTY_SOURCE',
    `Source ${source} is empty, but it held records before`,
    {
      hint: `If that is meant, run again with --allow empty_source=${source}.`,
    },
  )
}
