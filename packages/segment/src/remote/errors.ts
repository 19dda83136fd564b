import type { SyncErrorOptions } from '@engage-sync/contract'
import { SourceError } from '../source/index.ts'

/** Which service failed, and for what; no identifiers, no secrets. */
export interface RemotePlace {
  /** Name for messages, such as `Segment's Profile API`. */
  readonly service: string
  /** What was asked for, such as `traits`. */
  readonly what: string
}

/**
 * A service could not be reached or kept failing. Retried before it is thrown; a later run may
 * succeed.
 */
export class SourceUnavailableError extends SourceError {
  override name = 'SourceUnavailableError'
  /** HTTP status of the last try, or 0 when there was no answer. */
  readonly status: number
  constructor(
    { service, what }: RemotePlace,
    reason: string,
    options: SyncErrorOptions & { readonly status?: number } = {},
  ) {
    super('SOURCE_UNAVAILABLE', `${service} is not available for ${what}: ${reason}`, {
      hint: options.hint ?? 'Try again later; nothing that was read before is lost.',
      cause: options.cause,
    })
    this.status = options.status ?? 0
  }
}

/** A service refused the credentials, or they lack a right. Never retried. */
export class SourceAuthError extends SourceError {
  override name = 'SourceAuthError'
  constructor({ service, what }: RemotePlace, reason: string, hint: string) {
    super('SOURCE_AUTH', `${service} refused the credentials for ${what}: ${reason}`, { hint })
  }
}

/**
 * A service says that what we ask for does not exist or is not allowed. Not retried: the
 * configuration is wrong.
 */
export class SourceRequestError extends SourceError {
  override name = 'SourceRequestError'
  /** HTTP status, or 0 where there is none. */
  readonly status: number
  constructor(
    { service, what }: RemotePlace,
    reason: string,
    options: SyncErrorOptions & { readonly status?: number } = {},
  ) {
    super('SOURCE_REQUEST', `${service} refused the request for ${what}: ${reason}`, options)
    this.status = options.status ?? 0
  }
}

/**
 * A record is larger than the service takes. Not retried: it has to take more, or the record never
 * comes.
 */
export class SourceTooLargeError extends SourceError {
  override name = 'SourceTooLargeError'
  constructor({ service, what }: RemotePlace, reason: string, hint: string) {
    super('SOURCE_TOO_LARGE', `${service} takes no ${what} of that size: ${reason}`, { hint })
  }
}

/** A service answered with something its documentation does not describe. Not retried. */
export class SourceAnswerError extends SourceError {
  override name = 'SourceAnswerError'
  constructor({ service, what }: RemotePlace, expected: string) {
    super(
      'SOURCE_ANSWER',
      `${service} gave an answer for ${what} that cannot be read: expected ${expected}`,
      {
        hint: 'Check that the address leads to the service itself and not to a proxy or login page.',
      },
    )
  }
}
