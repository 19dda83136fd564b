import type { Destination, ExportedList } from '@engage-sync/core'

/** Whom a run asks what is held, so that only that counts as delivered. */
export interface AskOptions {
  readonly destination: Pick<Destination, 'exportUsers' | 'exportList' | 'limits'>
  /** Read instead of asking user by user; null: none. */
  readonly list: ExportedList | null
  /** So many users are asked for one by one, and no more. */
  readonly mostUsers: number
}

/** How what is pending compares with what the destination holds. */
export interface HoldingsFound {
  /** Users who were compared. */
  users: number
  /** Of these, users the destination does not know. */
  missing: number
  /** Values the destination holds, and those it does not, by mapping or segment. */
  readonly mappings: Map<string, { held: number; left: number }>
  /** Events older than what can be asked for: taken as sent, since nobody can tell and twice does harm. */
  oldEvents: number
  /** Memberships that cannot be asked for: left to be sent, since twice does no harm. */
  memberships: number
  /** Attributes held that no mapping writes, with how many of these users have them. */
  readonly others: Map<string, number>
}

/** Nothing compared yet. */
export function nothingFound(): HoldingsFound {
  return {
    users: 0,
    missing: 0,
    mappings: new Map(),
    oldEvents: 0,
    memberships: 0,
    others: new Map(),
  }
}
