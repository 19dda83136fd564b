import { SyncError } from '@engage-sync/core'

/** What every error of this package can tell beside its code. */
export interface BrazeErrorOptions {
  readonly hint?: string
  readonly status?: number | null
  readonly requestId?: string | null
  readonly retryable?: boolean
}

/** Root of this package's errors. Built from method, path and status; keys and bodies never reach it. */
export class BrazeError extends SyncError {
  override name = 'BrazeError'
  /** HTTP status, or null when there was no answer. */
  readonly status: number | null
  /** Braze's own id of the request, for support. */
  readonly requestId: string | null
  /** Whether the same request may succeed later. */
  readonly retryable: boolean

  constructor(code: string, message: string, options: BrazeErrorOptions = {}) {
    super(code, message, options.hint === undefined ? {} : { hint: options.hint })
    this.status = options.status ?? null
    this.requestId = options.requestId ?? null
    this.retryable = options.retryable ?? false
  }
}

/** The key is wrong or lacks a permission (401, 403). Never retried: three tries with a bad key help nobody. */
export class BrazeAuthError extends BrazeError {
  override name = 'BrazeAuthError'

  constructor(path: string, status: number, requestId: string | null = null) {
    const hint =
      status === 401
        ? 'Check the API key and the endpoint: a key is valid on one instance only.'
        : `Give the key the permission of ${path}; permissions of a key are fixed when it is made.`
    super('DESTINATION_AUTH', `Braze refused the API key for ${path} (HTTP ${status})`, { hint, status, requestId })
  }
}

/** Braze could not be reached, or kept failing, beyond the retry budget. The caller may try again later. */
export class BrazeUnavailableError extends BrazeError {
  override name = 'BrazeUnavailableError'

  constructor(path: string, reason: string, status: number | null = null) {
    super('DESTINATION_UNAVAILABLE', `Braze did not take ${path}: ${reason}`, {
      hint: 'Check the network and https://www.brazestatus.com, then run again: nothing is lost, what was delivered is not sent again.',
      status,
      retryable: true,
    })
  }
}

/** Braze's answer makes no sense for the request (404, 415, not JSON). Never retried: a wrong endpoint, or our mistake. */
export class BrazeAnswerError extends BrazeError {
  override name = 'BrazeAnswerError'

  constructor(path: string, status: number, what: string) {
    super('BRAZE_ANSWER', `Braze answered ${path} with HTTP ${status}: ${what}`, {
      hint: 'Check that the endpoint is a REST endpoint of Braze (rest.…, not sdk.…).',
      status,
    })
  }
}
