/**
 * What a request may take. Segment sends a request within seconds and gives up after five
 * (reference: webhooks, time-out), so that nobody who is slower than this is Segment.
 */
export const LIMITS = {
  /** All headers of a request, bytes. */
  headerBytes: 16 * 1024,
  headers: 100,
  /** Until the headers are there, milliseconds. */
  headersMs: 10_000,
  /** Until the whole request is there, milliseconds. */
  requestMs: 30_000,
  /** How long a connection may be idle, milliseconds; longer than the minute of usual proxies. */
  idleMs: 75_000,
  /** How often the times above are looked at, milliseconds. */
  checkMs: 1000,
  connections: 2000,
  /** Bodies that are being read, all together, bytes. */
  bodyBytes: 128 * 1024 * 1024,
  /** How long requests under way may take to end once the server is to, milliseconds. */
  closeMs: 3000,
} as const

/** Room that has to be left on the disk of the log, bytes: the state needs some, too. */
export const DISK_RESERVE_BYTES = 256 * 1024 * 1024

/** When Segment may come again, seconds. */
export const RETRY_AFTER_SECONDS = 10
