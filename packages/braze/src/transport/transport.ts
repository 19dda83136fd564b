/** Header names are lower-case. */
export type Headers = Readonly<Record<string, string | undefined>>

/** What may be done at an address. */
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One HTTP exchange to make. */
export interface TransportRequest {
  readonly method: HttpMethod
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** What came back. */
export interface TransportAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

/**
 * How an exchange failed. `unsent`: Braze cannot have seen the whole request. `unknown`: it may
 * have applied it. `oversized`: the same, and the answer was larger than any of Braze's. `aborted`:
 * we gave up.
 */
export type TransportFailure = 'unsent' | 'unknown' | 'oversized' | 'aborted'

/**
 * No answer of Braze's comes near it; what is larger comes from something else, or never ends.
 * Bytes.
 */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/** The exchange failed without an answer. Knows the kind and a system code, nothing else. */
export class TransportError extends Error {
  override name = 'TransportError'
  readonly kind: TransportFailure
  /** A system code such as ECONNREFUSED. */
  readonly code: string

  constructor(kind: TransportFailure, code: string) {
    super(`No answer (${code})`)
    this.kind = kind
    this.code = code
  }
}

/**
 * Makes HTTP exchanges. Follows no redirects, retries nothing, keeps connections alive, closes
 * cleanly.
 */
export interface Transport {
  /** @throws {TransportError} when there is no answer */
  send(request: TransportRequest): Promise<TransportAnswer>
  close(): Promise<void>
}

/** Options of a transport. */
export interface TransportOptions {
  /** Connections kept open. */
  readonly sockets: number
  /** Until a connection stands, its name found and TLS agreed on, milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number
  /** How long an unused connection is kept, milliseconds. Default 15,000. */
  readonly idleMs?: number
}
