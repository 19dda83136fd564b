/** A spool begins a new file beyond this many bytes, so that old ones can be removed. */
export const MAX_SPOOL_FILE_BYTES = 64 * 1024 * 1024
