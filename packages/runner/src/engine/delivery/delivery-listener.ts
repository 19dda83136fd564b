import type { EventEntry, PendingOutput, RowPlace } from '@engage-sync/core'
import type { Refusal } from '../dead-letters/index.ts'

/** What delivery counts per mapping or segment. */
export interface DeliveryListener {
  /**
   * Told before what was delivered is kept.
   *
   * @param candidate - of an event; -1 for attributes and memberships
   */
  delivered(place: RowPlace, pending: PendingOutput, candidate: number): void
  refused(refusal: Refusal): void
  /** A part may have been applied, though nobody said so. */
  unknown(place: RowPlace, pending: PendingOutput): void
  /** An event whose request has no answer was taken as delivered. */
  decided(place: RowPlace, pending: EventEntry): void
}
