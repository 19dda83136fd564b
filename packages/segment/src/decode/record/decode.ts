import { own } from '@engage-sync/contract'
import type {
  Change,
  DecodedRecord,
  Identifiers,
  Rejection,
  Trust,
  WantedKey,
} from '@engage-sync/contract'
import { readClaim } from './claim.ts'
import { rejection, typeName } from './codes.ts'
import type { SkipCode } from './codes.ts'
import { readCall } from './event.ts'
import type { SegmentCall } from './event.ts'
import { hasIdentifier, idOf, readIdentifiers, textOf } from './identifiers.ts'
import { latestTime, readTime, receivedTime } from './time.ts'
import type { TimeField } from './time.ts'
import { distrustOf } from './trust.ts'
import { unwrap } from './unwrap.ts'
import { readValues } from './values.ts'

/** Options of `decodeRecord`. */
export interface DecodeOptions {
  /**
   * Configured computations, so that events without `context.personas` can be known. Default: none.
   */
  readonly keys?: readonly WantedKey[]
  /** Which member is the event time; when absent, the next best is taken. Default: `timestamp`. */
  readonly timeField?: TimeField
  /**
   * When the record is read, milliseconds since the epoch: one more than a day later counts as of
   * its `receivedAt`, or is rejected (`RECORD_TIME_FUTURE`). Default: any time is taken.
   */
  readonly nowMs?: number
  /** Whose calls count. Default: everybody's. */
  readonly trust?: Trust
}

/**
 * What one record says: the values of a computation, a request to forget a user, or why it says
 * nothing.
 *
 * Shape: any JSON value in (one event, or a wrapper around exactly one), one result out. Pure,
 * never throws, changes nothing. The computation comes first in `changes`, then the traits beside
 * it as `enrichment`.
 *
 * @see https://www.twilio.com/docs/segment/engage/using-engage-data/
 */
export function decodeRecord(value: unknown, options: DecodeOptions = {}): DecodedRecord {
  const events = unwrap(value)
  if (events.length !== 1)
    return rejected(rejection(events.length === 0 ? 'RECORD_NOT_EVENT' : 'RECORD_IS_BATCH'))
  const call = readCall(events[0])
  if (call === null)
    return rejected(rejection('RECORD_NOT_EVENT', `It is of type ${typeName(events[0])}.`))
  return decodeCall(call, options)
}

/**
 * What each event inside a value says: `decodeRecord` for every event a wrapper holds, in order.
 */
export function decodeRecords(
  value: unknown,
  options: DecodeOptions = {},
): readonly DecodedRecord[] {
  return unwrap(value).map((event) => decodeRecord(event, options))
}

/** `decodeRecord` for a call whose parts are found already. */
export function decodeCall(
  call: SegmentCall,
  { keys = [], timeField = 'timestamp', nowMs, trust }: DecodeOptions,
): DecodedRecord {
  const times = { field: timeField, latestMs: latestTime(nowMs) }
  if (call.type === 'other') return skipped('SKIPPED_NOT_ENGAGE')
  const distrust = trust === undefined ? null : distrustOf(call, trust)
  if (call.type === 'delete')
    return distrust === null ? decodeDelete(call, times) : skipped(distrust)
  if (call.type === 'group' && idOf(own(call.record, 'userId')) === undefined)
    return skipped('SKIPPED_ACCOUNT_LEVEL')
  const claim = readClaim(call, keys)
  if (claim.type === 'skipped') return claim
  if (distrust !== null) return skipped(distrust)
  if (claim.type === 'rejected') return claim
  const found = readValues(call, claim)
  if (found.type !== 'values') return found
  const user = readUser(call, times)
  if ('code' in user) return rejected(user)
  const messageId = textOf(call.record, 'messageId') ?? null
  return {
    type: 'changes',
    changes: found.values.map((one): Change => ({ ...one, ...user, messageId })),
  }
}

/** Which member is the time, and the latest that is believed. */
interface Times {
  readonly field: TimeField
  readonly latestMs: number
}

function decodeDelete(call: SegmentCall, times: Times): DecodedRecord {
  const user = readUser(call, times)
  return 'code' in user ? rejected(user) : { type: 'delete', ...user }
}

function readUser(
  call: SegmentCall,
  { field, latestMs }: Times,
): { identifiers: Identifiers; time: number } | Rejection {
  const identifiers = readIdentifiers(call)
  if (!hasIdentifier(identifiers)) return rejection('RECORD_NO_IDENTIFIER')
  const time = readTime(call.record, field)
  if (time === null) return rejection('RECORD_NO_TIME')
  const believed = time <= latestMs ? time : receivedTime(call.record, latestMs)
  return believed === null ? rejection('RECORD_TIME_FUTURE') : { identifiers, time: believed }
}

function skipped(reason: SkipCode): DecodedRecord {
  return { type: 'skipped', reason }
}

function rejected(reason: Rejection): DecodedRecord {
  return { type: 'rejected', rejection: reason }
}
