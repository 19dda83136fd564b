import type { ExplainedNode, Output } from '@engage-sync/core'

/** What the state knows of one encoding of one mapping for a user. */
export interface InspectedSlot {
  readonly mapping: string
  readonly kind: Output['kind']
  /** Attribute, event names, cohort or subscription group. */
  readonly target: string
  /** Digest last delivered, 16 hexadecimal digits; null when nothing was. */
  readonly digest: string | null
  /** Event time of the newest value taken, milliseconds; null for none. */
  readonly timeMs: number | null
  /** The run that delivered it; null when nothing was, or the state does not know. */
  readonly run: number | null
  /** The value last delivered, where the state keeps values. */
  readonly value: string | null
  /** Of memberships: whether the user is a member. */
  readonly member: boolean | null
  /** What the digest tells without a value: `true`, `false`, `unset`; null for another value, or none. */
  readonly known: 'true' | 'false' | 'unset' | null
  /** Why a value was refused, and that it is not tried again; null when none was. */
  readonly refused: string | null
  /** Why nothing was sent, in a few words; null where something was, or was refused, or a filter decides. */
  readonly whyNot: string | null
}

/** What the state knows of one segment for a user. */
export interface InspectedSegment {
  readonly segment: string
  readonly member: boolean
  /** Whether it is new or means something else since the last run: `member` and `filter` are not known then. */
  readonly isBehind: boolean
  /** The filter with the verdict of every node. */
  readonly filter: ExplainedNode
  /** When the passing of time alone may change it, milliseconds; null when it cannot. */
  readonly dueMs: number | null
}

/** All the state knows of a user. */
export interface InspectedUser {
  /** `external id`, or the label of an alias. */
  readonly kind: string
  /** Something was delivered to this user. */
  readonly isKnownToBraze: boolean
  /** The external id an alias was promoted to; null when it was not. */
  readonly promotedTo: string | null
  /**
   * What waits for the next run, since it was neither delivered nor refused; null when nothing
   * does.
   */
  readonly waiting: { readonly records: number; readonly lastTried: string } | null
  /**
   * Guards of a server that hold a membership, as `removals=<id>`, and what waits for nothing else
   * but that they are allowed; null when none does.
   */
  readonly held: { readonly guards: readonly string[]; readonly records: number } | null
  readonly slots: readonly InspectedSlot[]
  readonly segments: readonly InspectedSegment[]
}
