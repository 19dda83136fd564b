import type { Rejection } from './change.ts'
import type { SyncError } from './errors.ts'

/** A Braze user, by the one identifier we address it with. */
export type UserRef =
  | { readonly externalId: string }
  | { readonly alias: { readonly name: string; readonly label: string } }

/** One custom event to send. */
export interface EventUpdate {
  /** Opaque to the destination; comes back in outcomes. */
  readonly ref: number
  /** Members of the event object beside the identifier: `"name":…,"time":…,"properties":…` as JSON text. */
  readonly members: string
}

/** One membership to change in a destination-side list. */
export interface MembershipChange {
  readonly ref: number
  readonly cohortId: string
  readonly member: boolean
}

/**
 * All that changes for one user: attributes, then events, then memberships.
 *
 * `ref`s are opaque numbers of the engine; outcomes name them.
 */
export interface Update {
  readonly ref: number
  readonly user: UserRef
  /** Members of the attributes object beside the identifier, as JSON text (`"ltv":7,"vip":true`), or null. */
  readonly attributes: string | null
  /** The attribute names in that text, in order, so that a refused field can be told. */
  readonly attributeNames: readonly string[]
  readonly events: readonly EventUpdate[]
  readonly memberships: readonly MembershipChange[]
  /** False: the destination must not create the user (`_update_existing_only`). */
  readonly createUser: boolean
}

/** How one part of an update ended. */
export type Outcome =
  /**
   * `exists`: the user is known to exist, though the update might not have created him. Default:
   * not known.
   */
  | { readonly status: 'delivered'; readonly exists?: true }
  /** Refused for good: its own reason; `field` when the destination named one. */
  | { readonly status: 'rejected'; readonly rejection: Rejection; readonly field?: string }
  /** Not known to be applied (timeout or reset after sending). */
  | { readonly status: 'unknown'; readonly reason: string; readonly error?: SyncError }
  /**
   * Not sent, or known not to be applied; may be tried again in a later run. With `error` where an error that
   * concerns more than this part ended it: whoever runs must tell it.
   */
  | { readonly status: 'failed'; readonly reason: string; readonly error?: SyncError }
