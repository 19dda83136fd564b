import type { Rejection } from '@engage-sync/contract'

/**
 * Every code a record can be skipped with, and what it says.
 *
 * Skipped records are sound; they are none of this sync's business.
 */
export const SKIP_CODES = {
  SKIPPED_NOT_ENGAGE: 'A call that no computation of Engage made.',
  SKIPPED_ACCOUNT_LEVEL: 'An account-level computation without a user.',
  SKIPPED_ENTITY_EVENT:
    'A linked-audience event about an entity, which says nothing about the membership of the profile.',
  SKIPPED_NO_EXTERNAL_ID: 'The identity rule finds no identifier in this record.',
  SKIPPED_REFUSED_ID:
    'The only identifier of this record is one that `identity.refuse` says is nobody.',
  SKIPPED_UNMARKED:
    'A call with a wanted computation that Engage did not mark as its own; `trust: [unmarked]` of the source lets it in.',
  SKIPPED_DELETE:
    'A request to forget a user, which `trust: [deletes]` of the source would let in.',
  SKIPPED_CLIENT:
    'A call of a browser or an app, which `trust: [client]` of the source would let in.',
  SKIPPED_OTHER_SPACE: 'A computation of another Segment space than `segment.space_id`.',
  SEGMENT_DELETE: 'Segment asks to forget a user.',
} as const

/**
 * Every code a record can be rejected with, and what was expected.
 *
 * Messages name fields and types, never values.
 */
export const REJECT_CODES = {
  RECORD_NOT_JSON: 'Expected one JSON text, got something else.',
  RECORD_INVALID_UTF8: 'Expected UTF-8, got bytes that are none.',
  RECORD_TOO_DEEP: 'Expected a value nested at most 64 levels deep.',
  RECORD_IS_BATCH:
    'Expected one event a line, got a batch inside a record; put each event on a line of its own.',
  RECORD_NOT_EVENT: 'Expected a Segment call with a known `type`.',
  RECORD_NO_KEY: 'Expected `context.personas.computation_key`, `audience_key` or `trait_key`.',
  RECORD_NO_VALUE: 'Expected a member named by the computation key, got none.',
  RECORD_NO_MEMBERSHIP: 'Expected true or false in the member named by the audience key.',
  RECORD_NO_IDENTIFIER: 'Expected `userId`, `anonymousId`, an email or an external id, got none.',
  RECORD_NO_TIME: 'Expected an ISO 8601 event time.',
  RECORD_TIME_FUTURE: 'Expected an event time at most a day ahead, or a `receivedAt` that is.',
} as const

/** A code a record can be skipped with. */
export type SkipCode = keyof typeof SKIP_CODES

/** A code a record can be rejected with. */
export type RejectCode = keyof typeof REJECT_CODES

/** The rejection of a code, with more about what came where there is more to say. */
export function rejection(code: RejectCode, detail = ''): Rejection {
  return { code, message: detail === '' ? REJECT_CODES[code] : `${REJECT_CODES[code]} ${detail}` }
}

/** The type of a JSON value as messages name it: never the value. */
export function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (typeof value === 'bigint') return 'number'
  return Array.isArray(value) ? 'array' : typeof value
}
