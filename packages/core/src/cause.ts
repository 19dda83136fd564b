/**
 * Why something ended otherwise than it should, the same wherever it is told: a terminal, JSON, a pull request, the
 * history. No secrets, no personal data.
 */
export interface Cause {
  /** Stable; one of docs/errors.md. */
  readonly code: string
  readonly message: string
  /** The next step; null where there is none but to read the message. */
  readonly hint: string | null
  /** What it is about: `file:line:column` of the configuration, a source's files, a path of Braze; null without one. */
  readonly place: string | null
}
