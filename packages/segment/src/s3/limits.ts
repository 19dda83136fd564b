/** How far a read of a bucket looks back for objects that became visible late, milliseconds. */
export const S3_LOOK_BACK_MS = 60 * 60 * 1000
/** How often a broken download of one object is taken up again. */
export const S3_DOWNLOAD_ATTEMPTS = 4
/** How long connecting to S3 may take, milliseconds. */
export const S3_CONNECT_TIMEOUT_MS = 10_000
/** How long a download may be silent, milliseconds. */
export const S3_IDLE_TIMEOUT_MS = 60_000
