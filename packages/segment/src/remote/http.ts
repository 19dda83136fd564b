import type { Json } from '@engage-sync/core'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { SourceUnavailableError } from './errors.ts'
import type { RemotePlace } from './errors.ts'
import { safeCode } from './redact.ts'
import { HTTP_ATTEMPTS, HTTP_BACKOFF_MS, HTTP_MAX_ASKED_WAIT_MS, HTTP_MAX_BACKOFF_MS, HTTP_TIMEOUT_MS } from './limits.ts'

/** One GET request. The URL and headers may hold personal data and secrets: they reach no error. */
export interface HttpGet {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly place: RemotePlace
}

/** An answer with its body as JSON; `body` is undefined when it was none. */
export interface HttpAnswer {
  readonly status: number
  /** By lower-case name; the first value of each. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Json | undefined
}

/** How requests are spaced and tried again. */
export interface HttpPolicy {
  readonly clock?: Clock
  /** Milliseconds. Default 20,000. */
  readonly timeoutMs?: number
  /** Tries in all. Default 6. */
  readonly attempts?: number
  /** Awaited before each try, such as a pacer's turn. */
  readonly before?: (signal: AbortSignal) => Promise<void>
  /** Told of each answer; returns how long the service asks to wait (milliseconds), or null if it does not say. */
  readonly after?: (answer: HttpAnswer) => number | null
}

/**
 * GET a JSON answer, trying again what may pass: no connection, 408, 429 and 5xx.
 *
 * Shape: the last answer, whatever its status, once it is final or the tries are used up.
 *
 * @throws {SourceUnavailableError} `SOURCE_UNAVAILABLE` when the last try got no answer at all
 */
export async function getJson(get: HttpGet, policy: HttpPolicy, signal: AbortSignal): Promise<HttpAnswer> {
  const { clock = systemClock, attempts = HTTP_ATTEMPTS } = policy
  for (let attempt = 1; ; attempt++) {
    await policy.before?.(signal)
    const answer = await tryOnce(get, policy.timeoutMs ?? HTTP_TIMEOUT_MS, signal)
    const askedMs = typeof answer === 'string' ? null : (policy.after?.(answer) ?? null)
    if (typeof answer !== 'string' && (!isPassing(answer.status) || attempt >= attempts)) return answer
    if (typeof answer === 'string' && attempt >= attempts) throw new SourceUnavailableError(get.place, answer)
    await clock.sleep(Math.min(askedMs ?? backoffMs(attempt), HTTP_MAX_ASKED_WAIT_MS), signal)
  }
}

/** Wait after the given try (1 for the first), milliseconds. */
export function backoffMs(attempt: number): number {
  return Math.min(HTTP_BACKOFF_MS * 2 ** (attempt - 1), HTTP_MAX_BACKOFF_MS)
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

/** The answer, or why there is none as a safe text. */
async function tryOnce(get: HttpGet, timeoutMs: number, signal: AbortSignal): Promise<HttpAnswer | string> {
  signal.throwIfAborted()
  // Loaded with the first request: reading files needs no HTTP client.
  const { default: got, TimeoutError } = await import('got')
  try {
    const response = await got(get.url, {
      headers: { ...get.headers },
      signal,
      timeout: { request: timeoutMs },
      retry: { limit: 0 },
      throwHttpErrors: false,
      followRedirect: false,
      responseType: 'text',
    })
    return { status: response.statusCode, headers: readHeaders(response.headers), body: parseBody(response.body) }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof TimeoutError) return `no answer within ${timeoutMs} ms`
    const code = error instanceof Error && 'code' in error ? safeCode(error.code) : ''
    return code === '' ? 'the connection failed' : `the connection failed (${code})`
  }
}

function readHeaders(headers: Readonly<Record<string, string | readonly string[] | undefined>>): ReadonlyMap<string, string> {
  const read = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) {
    const first = typeof value === 'string' ? value : value?.[0]
    if (first !== undefined) read.set(name, first)
  }
  return read
}

function parseBody(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
