/** What stands for a secret in messages. */
const HIDDEN = '[hidden]'
/** Codes services use: short, lower-case words. Anything else may quote what we sent. */
const CODE = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/u

/**
 * A URL as messages may show it.
 *
 * Shape: scheme, host, port and path; no user, password, query or fragment. What is no URL becomes
 * `[hidden]`.
 */
export function describeUrl(text: string): string {
  if (!URL.canParse(text)) return HIDDEN
  const { protocol, host, pathname } = new URL(text)
  return `${protocol}//${host}${pathname}`
}

/**
 * A service's error code as messages may show it, or an empty text.
 *
 * Shape: short words only. Free text of a service is never repeated: it may quote identifiers and
 * values.
 */
export function safeCode(value: unknown): string {
  return typeof value === 'string' && CODE.test(value) ? value : ''
}

/**
 * An error without anything it may quote: its name and its system code.
 *
 * Shape: fit as `cause` of an error that people paste into tickets.
 */
export function safeCause(error: unknown): Error {
  const name = error instanceof Error ? safeCode(error.name) || 'Error' : 'Error'
  const code = error instanceof Error && 'code' in error ? safeCode(error.code) : ''
  const safe = new Error(code === '' ? name : `${name} (${code})`)
  safe.stack = undefined
  return safe
}
