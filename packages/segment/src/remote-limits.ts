/** Most requests a second Segment's Profile API answers for one space. @see https://segment.com/docs/unify/profile-api/ */
export const PROFILE_API_REQUESTS_PER_SECOND = 100
/** Most traits in one answer of the Profile API. */
export const PROFILE_TRAITS_LIMIT = 200
/** Most external ids in one answer; more is refused. */
export const PROFILE_EXTERNAL_IDS_LIMIT = 25
/** Events in one answer that we ask for; the API keeps 14 days of them. */
export const PROFILE_EVENTS_LIMIT = 100
/** Longest `include` list we put into a URL, in characters; longer ones are split. */
export const PROFILE_INCLUDE_CHARACTERS = 4_000
/** Users whose profiles are spooled as one file and travel as one chunk. */
export const PROFILE_USERS_PER_CHUNK = 200
/** Objects in one page of the Public API; audiences allow no more. */
export const PUBLIC_API_PAGE_SIZE = 200
/** How long one HTTP answer may take, milliseconds. */
export const HTTP_TIMEOUT_MS = 20_000
/** How often one HTTP request is tried. */
export const HTTP_ATTEMPTS = 6
/** Wait before the second try, milliseconds; doubles with each further one. */
export const HTTP_BACKOFF_MS = 500
/** Longest wait between two tries, milliseconds. */
export const HTTP_MAX_BACKOFF_MS = 60_000
/** Longest wait a service may ask us for, milliseconds. */
export const HTTP_MAX_ASKED_WAIT_MS = 300_000
/** How far an incremental read of Profiles Sync looks back for rows that became visible late, milliseconds. */
export const PROFILES_SYNC_LOOK_BACK_MS = 2 * 60 * 60 * 1000
/** How long PostgreSQL may work on one step of a query, milliseconds. */
export const PROFILES_SYNC_STATEMENT_TIMEOUT_MS = 15 * 60 * 1000
/** Profiles fetched from the cursor at once. */
export const PROFILES_SYNC_ROWS_PER_FETCH = 500
/** Records of one chunk before it travels, at least; a profile is never split. */
export const PROFILES_SYNC_RECORDS_PER_CHUNK = 2_000
/** How far a read of a bucket looks back for objects that became visible late, milliseconds. */
export const S3_LOOK_BACK_MS = 60 * 60 * 1000
/** How often a broken download of one object is taken up again. */
export const S3_DOWNLOAD_ATTEMPTS = 4
/** How long connecting to S3 may take, milliseconds. */
export const S3_CONNECT_TIMEOUT_MS = 10_000
/** How long a download may be silent, milliseconds. */
export const S3_IDLE_TIMEOUT_MS = 60_000
