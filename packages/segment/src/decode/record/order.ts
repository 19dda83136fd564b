import { isSameJson } from '@engage-sync/contract'
import type { Change } from '@engage-sync/contract'

/**
 * Orders changes as they happened: by event time, then by message id, whose first part is a time as
 * well.
 *
 * Shape: negative, 0 or positive, as `sort` wants it. Changes without a message id come first among
 * equals.
 *
 * @see https://github.com/segmentio/ksuid
 */
export function compareChanges(left: Change, right: Change): number {
  if (left.time !== right.time) return left.time - right.time
  const [before, after] = [left.messageId ?? '', right.messageId ?? '']
  if (before === after) return 0
  return before < after ? -1 : 1
}

/**
 * Whether two changes are copies of one: the same value of the same computation at the same time.
 *
 * Engage sends a copy for each identifier of a profile. They differ in message id and identifiers,
 * so whether both are one user's is for the caller to know.
 *
 * @see https://www.twilio.com/docs/segment/engage/using-engage-data/
 */
export function isCopy(left: Change, right: Change): boolean {
  return (
    left.kind === right.kind &&
    left.key === right.key &&
    left.time === right.time &&
    isSameJson(left.value, right.value)
  )
}
