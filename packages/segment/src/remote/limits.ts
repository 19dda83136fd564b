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
