import type { Json } from '@engage-sync/contract'

/** A custom event that was sent. */
export interface SentEvent {
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly properties: Json
}

/** A record or value that was rejected. */
export interface RejectedInCase {
  readonly code: string
  /** The computation it belongs to, when that is known. */
  readonly key: string | null
  readonly message: string
}

/** What a run of one case did for one user. Names are as Braze gets them, segments by their key. */
export interface CaseActual {
  /** Top-level attributes as they were sent; null is an unset. */
  readonly attributes: ReadonlyMap<string, Json>
  /**
   * It says nothing but what the user does not belong to: an existing user is updated, and nobody
   * created.
   */
  readonly existingOnly: boolean
  /** In the order they were sent. */
  readonly events: readonly SentEvent[]
  /** Membership changes by cohort name. */
  readonly cohorts: ReadonlyMap<string, 'add' | 'remove'>
  /** Membership after the case, of every segment of the sync. */
  readonly segments: ReadonlyMap<string, boolean>
  readonly subscriptionGroups: ReadonlyMap<string, 'subscribed' | 'unsubscribed'>
  readonly rejected: readonly RejectedInCase[]
}

/**
 * What a run of one case did, by user; what was rejected before a user was known stands under `''`.
 */
export type CaseResult = ReadonlyMap<string, CaseActual>

/** A user for whom nothing happened. */
export const NOTHING_HAPPENED: CaseActual = {
  attributes: new Map(),
  existingOnly: false,
  events: [],
  cohorts: new Map(),
  segments: new Map(),
  subscriptionGroups: new Map(),
  rejected: [],
}
