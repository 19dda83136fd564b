/** What clients may take of a server. */
export interface Limits {
  /** All headers of a request, bytes. */
  readonly headerBytes: number
  readonly headers: number
  /** Until the headers are there, milliseconds. */
  readonly headersMs: number
  /** Until the whole request is there, milliseconds. */
  readonly requestMs: number
  /** How long a connection may be idle, milliseconds; longer than the minute of usual proxies. */
  readonly idleMs: number
  /** How often the times above are looked at, milliseconds. */
  readonly checkMs: number
  readonly connections: number
  /** Bodies that are being read, all together, bytes. */
  readonly bodyBytes: number
  /** How long requests under way may take to end once the server is to, milliseconds. */
  readonly closeMs: number
}

/**
 * What a request may take. Segment sends a request within seconds and gives up after five
 * (reference: webhooks, time-out), so that nobody who is slower than this is Segment.
 */
export const LIMITS: Limits = {
  headerBytes: 16 * 1024,
  headers: 100,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 75_000,
  checkMs: 1000,
  connections: 2000,
  bodyBytes: 128 * 1024 * 1024,
  closeMs: 3000,
}

/** Room that has to be left on the disk of the log, bytes: the state needs some, too. */
export const DISK_RESERVE_BYTES = 256 * 1024 * 1024

/** When Segment may come again, seconds. */
export const RETRY_AFTER_SECONDS = 10
