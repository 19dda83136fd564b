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
/**
 * How long finding a service, connecting to it and agreeing on keys may take each, milliseconds.
 */
export const HTTP_CONNECT_TIMEOUT_MS = 10_000
/** Largest answer we read, in bytes: the largest page that is documented is far below. */
export const HTTP_MAX_ANSWER_BYTES = 16 * 1024 * 1024
