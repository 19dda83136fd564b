/*
 * values: what a JSON value is, before anybody asks where it goes.
 *
 * Its one text and fingerprint, moments in time, the lossless casts between types, and the codes
 * with which a value is refused. Knows neither files nor Braze.
 */
export { castTo } from './cast.ts'
export type { Cast } from './cast.ts'
export * from './codes.ts'
export { nextOfCron, readCron } from './cron.ts'
export type { Cron } from './cron.ts'
export type { EncodeResult } from './encode-result.ts'
export { fingerprintOf } from './fingerprint.ts'
export { instantText, isTimeZone, parseInstant } from './instant.ts'
export * from './value-type.ts'
