/**
 * The decoder that runs: shapes first, then the scan, then the exact decoder. May touch all rooms
 * of `decode` but `ahead`.
 */
export { createRowDecoder } from './row-decoder.ts'
