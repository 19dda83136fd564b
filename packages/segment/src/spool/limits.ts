/** A spool begins a new file beyond this many bytes, so that old ones can be removed. */
export const MAX_SPOOL_FILE_BYTES = 64 * 1024 * 1024
/** A file that is worked on is kept no longer than this, however little comes: milliseconds. */
export const MAX_SPOOL_FILE_AGE_MS = 3_600_000
