/** Options of every error of this project. */
export interface SyncErrorOptions {
  /** The next step for the person who reads it. */
  readonly hint?: string
  /** What caused it, already free of secrets and personal data. */
  readonly cause?: unknown
  /** What it is about: `file:line:column`, a source's files, a path of the destination. */
  readonly place?: string
}

/**
 * Root of every error this project throws on purpose.
 *
 * `code` is stable and listed in docs/errors.md; callers branch on class or code, never on text.
 */
export class SyncError extends Error {
  override name = 'SyncError'
  readonly code: string
  readonly hint: string | undefined
  readonly place: string | undefined

  constructor(code: string, message: string, options: SyncErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.place = options.place
  }
}
