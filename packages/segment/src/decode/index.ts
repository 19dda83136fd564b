/**
 * What a record says, in two forms: as `Change`s (`record`), and as the one row that a decoder
 * fills again and again.
 *
 * Rooms, each may use those before it: `record` (exact, of values) · `row` (exact, of bytes) ·
 * `scan` (one walk over bytes) · `shape` (texts that were walked over before) · `hot` (all of them,
 * fastest first) · `ahead` (on a thread of its own).
 */
export { decodeAhead } from './ahead/index.ts'
export type { DecodeAheadOptions } from './ahead/index.ts'
export { createRowDecoder } from './hot/index.ts'
export {
  compareChanges,
  decodeRecord,
  decodeRecords,
  isCopy,
  REJECT_CODES,
  SKIP_CODES,
  unwrap,
} from './record/index.ts'
export type { DecodeOptions, RejectCode, SkipCode } from './record/index.ts'
