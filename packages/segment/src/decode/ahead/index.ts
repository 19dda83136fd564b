/**
 * Decoding on a thread of its own, ahead of the caller: the thread, its messages, rows packed for
 * the way back.
 */
export { decodeAhead } from './decode-ahead.ts'
export type { DecodeAheadOptions } from './decode-ahead.ts'
