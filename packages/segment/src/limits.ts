/** Longest record we hold, in bytes. Segment refuses events above 32 KB and batches above 500 KB. */
export const MAX_RECORD_BYTES = 1024 * 1024
/** How much is read at once, in bytes. */
export const READ_BYTES = 1024 * 1024
/** Output size of one gunzip step, in bytes: small ones cost twice the time. */
export const GUNZIP_BYTES = 512 * 1024
/** The same for a small file, whose text may be smaller than one step. */
export const MIN_GUNZIP_BYTES = 64 * 1024
/** How many records travel together at most. */
export const MAX_CHUNK_RECORDS = 4096
/** How many first bytes of a file are its identity, so that a rewritten file is known. */
export const IDENTITY_BYTES = 4096
/** Largest webhook body, in bytes. Segment posts at most 4,000 events of 32 KB, in practice far less. */
export const MAX_WEBHOOK_BYTES = 8 * 1024 * 1024
/** A spool begins a new file beyond this many bytes, so that old ones can be removed. */
export const MAX_SPOOL_FILE_BYTES = 64 * 1024 * 1024
