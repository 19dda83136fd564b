/**
 * Longest record we hold, in bytes. Segment refuses events above 32 KB and batches above 500 KB.
 */
export const MAX_RECORD_BYTES = 1024 * 1024
/** How much is read at once, in bytes. */
export const READ_BYTES = 1024 * 1024
/** How many records travel together at most. */
export const MAX_CHUNK_RECORDS = 4096
