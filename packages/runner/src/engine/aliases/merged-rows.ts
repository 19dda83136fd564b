import type { RowPlace } from '@engage-sync/core'
import type { StoredHandover } from '../../state/values/handovers.ts'
import type { AliasLink } from './alias-index.ts'

/** A handover that is to be taken. */
export interface OpenHandover extends StoredHandover {
  /** It may have been tried before: what it says may be at Braze, though nothing is known of it. */
  readonly isInDoubt: boolean
}

/** An alias whose Braze user must be joined with the one it turned out to be. */
export interface AliasMerge {
  readonly alias: RowPlace
  readonly user: RowPlace
  readonly how: AliasLink['how']
}

/** An alias's row with the row of its user, which takes everything over. */
export interface MergedRows extends Pick<AliasMerge, 'alias' | 'user'> {
  /** Where the alias's row is a guest: what it came by, which ends with the user's row. */
  readonly handover?: OpenHandover
}
