import type { Change, DecodedRecord, Identifiers, Rejection, WantedKey } from '@engage-sync/core'
import { readClaim } from './claim.ts'
import { rejection, typeName } from './codes.ts'
import type { SkipCode } from './codes.ts'
import { readCall } from './event.ts'
import type { SegmentCall } from './event.ts'
import { hasIdentifier, readIdentifiers, textOf } from './identifiers.ts'
import { readTime } from './time.ts'
import type { TimeField } from './time.ts'
import { unwrap } from './unwrap.ts'
import { readValues } from './values.ts'

/** Options of `decodeRecord`. */
export interface DecodeOptions {
  /** Configured computations, so that events without `context.personas` can be known. Default: none. */
  readonly keys?: readonly WantedKey[]
  /** Which member is the event time; when absent, the next best is taken. Default: `timestamp`. */
  readonly timeField?: TimeField
}

/**
 * What one record says: the values of a computation, a request to forget a user, or why it says nothing.
 *
 * Shape: any JSON value in (one event, or a wrapper around exactly one), one result out. Pure, never throws, changes
 * nothing. The computation comes first in `changes`, then the traits beside it as `enrichment`.
 *
 * @see https://segment.com/docs/engage/using-engage-data/
 */
export function decodeRecord(value: unknown, options: DecodeOptions = {}): DecodedRecord {
  const events = unwrap(value)
  if (events.length !== 1) return rejected(rejection(events.length === 0 ? 'RECORD_NOT_EVENT' : 'RECORD_IS_BATCH'))
  const call = readCall(events[0])
  if (call === null) return rejected(rejection('RECORD_NOT_EVENT', `It is of type ${typeName(events[0])}.`))
  return decodeCall(call, options)
}

/** What each event inside a value says: `decodeRecord` for every event a wrapper holds, in order. */
export function decodeRecords(value: unknown, options: DecodeOptions = {}): readonly DecodedRecord[] {
  return unwrap(value).map((event) => decodeRecord(event, options))
}

/** `decodeRecord` for a call whose parts are found already. */
export function decodeCall(call: SegmentCall, { keys = [], timeField = 'timestamp' }: DecodeOptions): DecodedRecord {
  if (call.type === 'other') return skipped('SKIPPED_NOT_ENGAGE')
  if (call.type === 'delete') return decodeDelete(call, timeField)
  if (call.type === 'group' && textOf(call.record, 'userId') === undefined) return skipped('SKIPPED_ACCOUNT_LEVEL')
  const claim = readClaim(call, keys)
  if (claim.type === 'skipped' || claim.type === 'rejected') return claim
  const found = readValues(call, claim)
  if (found.type !== 'values') return found
  const user = readUser(call, timeField)
  if ('code' in user) return rejected(user)
  const messageId = textOf(call.record, 'messageId') ?? null
  return { type: 'changes', changes: found.values.map((one): Change => ({ ...one, ...user, messageId })) }
}

function decodeDelete(call: SegmentCall, timeField: TimeField): DecodedRecord {
  const user = readUser(call, timeField)
  return 'code' in user ? rejected(user) : { type: 'delete', ...user }
}

function readUser(call: SegmentCall, timeField: TimeField): { identifiers: Identifiers; time: number } | Rejection {
  const identifiers = readIdentifiers(call)
  if (!hasIdentifier(identifiers)) return rejection('RECORD_NO_IDENTIFIER')
  const time = readTime(call.record, timeField)
  return time === null ? rejection('RECORD_NO_TIME') : { identifiers, time }
}

function skipped(reason: SkipCode): DecodedRecord {
  return { type: 'skipped', reason }
}

function rejected(reason: Rejection): DecodedRecord {
  return { type: 'rejected', rejection: reason }
}
