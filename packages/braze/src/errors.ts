import { SyncError } from '@engage-sync/contract'

/** Why Braze refused an object, or a whole call. */
export type BrazeRejectionCode =
  | 'BRAZE_EXTERNAL_ID_TOO_LARGE'
  | 'BRAZE_BLOCKED_USER'
  | 'BRAZE_EMAIL'
  | 'BRAZE_EMAIL_SUBSCRIBE'
  | 'BRAZE_PUSH_SUBSCRIBE'
  | 'BRAZE_LOCATION'
  | 'BRAZE_SUBSCRIPTION_GROUP'
  | 'BRAZE_PUSH_TOKEN'
  | 'BRAZE_EMAIL_SUBSCRIPTION_INFO'
  | 'BRAZE_PROPERTIES'
  | 'BRAZE_IDENTIFIER'
  | 'BRAZE_EVENT_NAME'
  | 'BRAZE_EVENT_TIME'
  | 'BRAZE_TOO_LARGE'
  | 'BRAZE_REJECTED'

/** The codes of this package's errors. */
export type BrazeErrorCode =
  | 'DESTINATION_AUTH'
  | 'DESTINATION_UNAVAILABLE'
  | 'BRAZE_ANSWER'
  | 'BRAZE_CLOSED'
  | 'BRAZE_ENDPOINT'
  | 'BRAZE_EXPORT'
  | 'BRAZE_LIMIT'
  | 'BRAZE_OPTION'
  | 'BRAZE_UNKNOWN_OUTCOME'
  | 'BRAZE_VALUE'
  | BrazeRejectionCode

/** One object Braze refused; its text is reduced to words that cannot be a value. */
export interface RefusedObject {
  /** Our stable code. */
  readonly code: BrazeRejectionCode
  readonly message: string
  /** Null where Braze does not say. */
  readonly array: string | null
  readonly index: number | null
}

/** What every error of this package can tell beside its code. */
export interface BrazeErrorOptions {
  readonly hint?: string
  readonly status?: number | null
  readonly requestId?: string | null
  readonly retryable?: boolean
  /** The path it concerns, without a query. */
  readonly place?: string
}

/** Root of this package's errors. Built from path and status; keys, queries and bodies never reach it. */
export class BrazeError extends SyncError {
  override name = 'BrazeError'
  declare readonly code: BrazeErrorCode
  /** HTTP status, or null when there was no answer. */
  readonly status: number | null
  /** Braze's own id of the request, for support. */
  readonly requestId: string | null
  /** Whether the same request may succeed later. */
  readonly retryable: boolean
  /** HTTP requests made before it was thrown, repeated ones among them. */
  requests = 0

  constructor(code: BrazeErrorCode, message: string, options: BrazeErrorOptions = {}) {
    const { hint, place } = options
    super(code, message, {
      ...(hint !== undefined && { hint }),
      ...(place !== undefined && { place }),
    })
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
        ? 'Check the API key, its permissions and the endpoint: a key is valid on one instance only.'
        : `Give the key the permission of ${path} (a key's permissions are fixed when it is made), and check that the account is active.`
    super('DESTINATION_AUTH', `Braze refused the API key for ${path} (HTTP ${status})`, {
      hint,
      status,
      requestId,
      place: path,
    })
  }
}

/**
 * The keys of the cohort partner are wrong. Ends cohort calls for good, and them alone: attributes and events travel
 * under another key.
 */
export class BrazeCohortAuthError extends BrazeError {
  override name = 'BrazeCohortAuthError'

  constructor({ status, requestId, place }: BrazeAuthError) {
    super('DESTINATION_AUTH', `Braze refused the cohort keys (HTTP ${status})`, {
      hint: "Check the partner's name, its API key and the Data Import Key. Memberships wait until then; all else is delivered.",
      status,
      requestId,
      ...(place !== undefined && { place }),
    })
  }
}

/** Braze could not be reached, or kept failing, beyond the retry budget. The caller may try again later. */
export class BrazeUnavailableError extends BrazeError {
  override name = 'BrazeUnavailableError'

  constructor(path: string, reason: string, status: number | null = null) {
    super('DESTINATION_UNAVAILABLE', `Braze did not take ${path}: ${reason}`, {
      hint: 'Check the endpoint, the network and https://braze.statuspage.io, then run again: what was delivered is not sent again.',
      status,
      retryable: true,
      place: path,
    })
  }
}

/** What came back in the place of an answer. */
export interface ForeignAnswer {
  /** Null where not even that is known. */
  readonly status: number | null
  /** How it goes on after the status. */
  readonly what: string
  readonly requestId?: string | null
}

/**
 * Braze's answer makes no sense for the request (404, 415, not JSON, a success that says nothing). Never retried: a
 * wrong endpoint, something that answers in Braze's place, or our mistake.
 */
export class BrazeAnswerError extends BrazeError {
  override name = 'BrazeAnswerError'
  /** Whether the request may have been applied all the same: nobody said that it was not. */
  readonly mayBeApplied: boolean

  constructor(path: string, { status, what, requestId = null }: ForeignAnswer) {
    const mayBeApplied = status === null || status < 300
    const heading = status === null ? '' : `HTTP ${status}, `
    super('BRAZE_ANSWER', `Braze answered ${path} with ${heading}${what}`, {
      hint: mayBeApplied
        ? 'Something between here and Braze may answer in its place: a proxy, a firewall, a login page. Check the endpoint and the way to it.'
        : 'Check that the endpoint is a REST endpoint of Braze (rest.…, not sdk.…), without a path of its own.',
      status,
      requestId,
      place: path,
    })
    this.mayBeApplied = mayBeApplied
  }
}

/** A 2xx that neither says success nor refuses anything: nobody knows what became of the request. Never retried. */
export class NoSuccessError extends BrazeAnswerError {
  override name = 'NoSuccessError'

  constructor(
    path: string,
    { status, requestId }: { readonly status: number; readonly requestId: string | null },
  ) {
    super(path, { status, what: 'without saying that it was a success', requestId })
  }
}

/** Braze refused a whole call of the client (400, 413). Never retried. */
export class BrazeRejectedError extends BrazeError {
  override name = 'BrazeRejectedError'
  /** The objects Braze named, with a reason each. */
  readonly refused: readonly RefusedObject[]

  constructor(
    path: string,
    rejection: {
      readonly code: BrazeRejectionCode
      readonly message: string
      readonly status: number
      readonly requestId: string | null
      readonly refused?: readonly RefusedObject[]
    },
  ) {
    super(rejection.code, `${path}: ${rejection.message}`, {
      status: rejection.status,
      requestId: rejection.requestId,
    })
    this.refused = rejection.refused ?? []
  }
}

/** The outcome of a call is not known: it timed out or was cut off after sending. Events may have been counted. */
export class BrazeUnknownOutcomeError extends BrazeError {
  override name = 'BrazeUnknownOutcomeError'

  /** @param repeatable - whether sending it again changes nothing that counts */
  constructor(path: string, reason: string, repeatable = false) {
    super(
      'BRAZE_UNKNOWN_OUTCOME',
      `Braze gave no answer to ${path} (${reason}); it may have been applied`,
      {
        hint: 'Ask Braze what it holds (an export) before you send events or increments again.',
        retryable: repeatable,
      },
    )
  }
}
