import type { HttpMethod } from '../transport/index.ts'

/** A try that leaves. */
export interface RequestTold {
  readonly method: HttpMethod
  /** Without its query, which can hold a user's id. */
  readonly path: string
  /** From 1. */
  readonly attempt: number
}

/** An answer that came, whatever its status. */
export interface AnswerTold extends RequestTold {
  readonly status: number
  /** From leaving to the last byte, milliseconds. */
  readonly ms: number
  readonly requestId: string | null
  /** Requests left in Braze's window; null where the headers do not tell. */
  readonly remaining: number | null
}

/** A try that is going to be repeated. */
export interface RetryTold extends RequestTold {
  /** `HTTP 503`, or a system code such as ECONNRESET. */
  readonly reason: string
  readonly waitMs: number
}

/** A wait that Braze asked for, in the headers of an answer or by a 429. */
export interface WaitTold {
  /** The endpoints that wait, which share one limit. */
  readonly group: string
  readonly waitMs: number
}

/**
 * Called as it happens; what a hook throws ends the call it was told of. Only `beforeRequest` is
 * waited for.
 *
 * None of them gets a key, a body or a query.
 */
export interface BrazeHooks {
  /** Before every try, once it is its turn; when it throws or rejects, nothing leaves. */
  readonly beforeRequest?: (told: RequestTold) => void | Promise<void>
  readonly onRequest?: (told: RequestTold) => void
  readonly onAnswer?: (told: AnswerTold) => void
  readonly onRetry?: (told: RetryTold) => void
  /** Only waits of a second and more. */
  readonly onWait?: (told: WaitTold) => void
}
