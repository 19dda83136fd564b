/**
 * One JSON value to `Change`s, step by step: unwrap it, see what call it is, what it claims, whom
 * it names, when.
 *
 * Pure and exact. Every other way of decoding is compared with this one.
 */
export { REJECT_CODES, rejection, SKIP_CODES } from './codes.ts'
export type { RejectCode, SkipCode } from './codes.ts'
export { decodeCall, decodeRecord, decodeRecords } from './decode.ts'
export type { DecodeOptions } from './decode.ts'
export { KEY_MEMBERS, readCall } from './event.ts'
export type { SegmentCall } from './event.ts'
export { idOf, objectOf } from './identifiers.ts'
export { compareChanges, isCopy } from './order.ts'
export { latestTime, TIME_FIELDS } from './time.ts'
export type { TimeField } from './time.ts'
export { unwrap } from './unwrap.ts'
export { SQL_IDENTIFIERS } from './values.ts'
