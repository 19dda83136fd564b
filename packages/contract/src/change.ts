import type { Json } from './json.ts'

/** What a computation of Segment Engage is, as the configuration names it. */
export type ComputationKind = 'trait' | 'audience' | 'enrichment'

/**
 * The identifiers one record carries, from their different places. External ids by type; an object
 * where a decoder of ours is written as JSON.
 */
export interface Identifiers {
  readonly userId?: string
  readonly anonymousId?: string
  readonly email?: string
  readonly externalIds?: ReadonlyMap<string, string>
}

/** One value of one computation for one user at one time. Audiences carry a boolean (or null). */
export interface Change {
  readonly kind: ComputationKind
  readonly key: string
  readonly value: Json
  readonly identifiers: Identifiers
  /** Event time, milliseconds since the epoch. */
  readonly time: number
  readonly messageId: string | null
}

/** A record that cannot be used, and why. `message` never holds personal data. */
export interface Rejection {
  /** Stable code, listed in docs/errors.md. */
  readonly code: string
  /** What was expected and what came, by field name and type, never by value. */
  readonly message: string
}

/** What one record of a source says. */
export type DecodedRecord =
  /**
   * Values of computations. `traits` are all members beside them, for `identity: traits.<path>`.
   */
  | { readonly type: 'changes'; readonly changes: readonly Change[] }
  /** Segment asks to forget a user (reference: Segment webhooks, `delete`). */
  | { readonly type: 'delete'; readonly identifiers: Identifiers; readonly time: number }
  /** A valid record that is none of our business, e.g. a page call. `reason` is a stable code. */
  | { readonly type: 'skipped'; readonly reason: string }
  | { readonly type: 'rejected'; readonly rejection: Rejection }
