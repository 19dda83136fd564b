/**
 * How far an incremental read of Profiles Sync looks back for rows that became visible late,
 * milliseconds.
 */
export const PROFILES_SYNC_LOOK_BACK_MS = 2 * 60 * 60 * 1000
/** How long PostgreSQL may work on one step of a query, milliseconds. */
export const PROFILES_SYNC_STATEMENT_TIMEOUT_MS = 15 * 60 * 1000
/** Profiles fetched from the cursor at once. */
export const PROFILES_SYNC_ROWS_PER_FETCH = 500
/** Records of one chunk before it travels, at least; a profile is never split. */
export const PROFILES_SYNC_RECORDS_PER_CHUNK = 2_000
