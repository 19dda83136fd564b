import type { Response, TimeoutError } from 'got'
import { parseSource } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { SourceAnswerError, SourceUnavailableError } from './errors.ts'
import type { RemotePlace } from './errors.ts'
import {
  HTTP_ATTEMPTS,
  HTTP_BACKOFF_MS,
  HTTP_CONNECT_TIMEOUT_MS,
  HTTP_MAX_ANSWER_BYTES,
  HTTP_MAX_ASKED_WAIT_MS,
  HTTP_MAX_BACKOFF_MS,
  HTTP_TIMEOUT_MS,
} from './limits.ts'
import { safeCode } from './redact.ts'

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
  /** For one try, from connecting to the last byte, milliseconds. Default 20,000. */
  readonly timeoutMs?: number
  /** Tries in all. Default 6. */
  readonly attempts?: number
  /** Awaited before each try, such as a pacer's turn. */
  readonly before?: (signal: AbortSignal) => Promise<void>
  /**
   * Told of each answer; returns how long the service asks to wait in a way of its own
   * (milliseconds), or null.
   *
   * `Retry-After` is read anyway, and counts where this gives null.
   */
  readonly after?: (answer: HttpAnswer) => number | null
  /**
   * Told how long the next try waits (milliseconds), and after which answer: null when there was
   * none.
   */
  readonly onWait?: (waitMs: number, answer: HttpAnswer | null) => void
}

/** What may pass: a timeout, too many requests, whatever the service says of itself. */
const PASSING_STATUSES = [408, 429, ...Array.from({ length: 100 }, (_, index) => 500 + index)]
/** Failures of a connection that may pass. A certificate that nobody trusts stays so. */
const PASSING_FAILURES = [
  'ETIMEDOUT',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EADDRINUSE',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ERR_READING_RESPONSE_STREAM',
  'ERR_HTTP_CONTENT_LENGTH_MISMATCH',
]
/**
 * Redirects are not followed: the token is for one server. Nothing is inflated: no answer is larger
 * than it came.
 */
const FIXED = {
  throwHttpErrors: false,
  followRedirect: false,
  decompress: false,
  responseType: 'text',
} as const

/**
 * GET a JSON answer by got, trying again what may pass: no connection, 408, 429 and 5xx.
 *
 * Shape: the last answer, whatever its status, once it is final or the tries are used up. A wait
 * that a service asks for is cut at five minutes.
 *
 * @throws {SourceUnavailableError} `SOURCE_UNAVAILABLE` when the last try got no answer at all
 * @throws {SourceAnswerError} `SOURCE_ANSWER` when an answer is larger than 16 MB
 */
export async function getJson(
  get: HttpGet,
  policy: HttpPolicy,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  signal.throwIfAborted()
  // Loaded with the first request: reading files needs no HTTP client.
  const { default: got } = await import('got')
  const tries = new Tries(policy, signal)
  const tooLarge = new AbortController()
  await policy.before?.(signal)
  try {
    const request = got(get.url, {
      ...FIXED,
      headers: { ...get.headers },
      signal: AbortSignal.any([signal, tooLarge.signal]),
      timeout: timeoutsOf(policy),
      retry: tries.options,
      hooks: { afterResponse: [(response) => tries.answered(response)] },
    })
    void request.on('downloadProgress', ({ transferred }) => {
      if (transferred > HTTP_MAX_ANSWER_BYTES) tooLarge.abort()
    })
    const answer = await request
    return tries.last ?? toAnswer(answer)
  } catch (error) {
    signal.throwIfAborted()
    if (tooLarge.signal.aborted)
      throw new SourceAnswerError(get.place, `at most ${HTTP_MAX_ANSWER_BYTES} bytes`)
    throw new SourceUnavailableError(get.place, describeFailure(error, policy))
  }
}

/** The tries of one request, as got's retry wants to know them. */
class Tries {
  readonly #policy: HttpPolicy
  readonly #signal: AbortSignal
  /** The answer of the try at hand. */
  last: HttpAnswer | null = null
  #askedMs: number | null = null

  constructor(policy: HttpPolicy, signal: AbortSignal) {
    this.#policy = policy
    this.#signal = signal
  }

  get options() {
    return {
      limit: (this.#policy.attempts ?? HTTP_ATTEMPTS) - 1,
      methods: ['GET' as const],
      statusCodes: PASSING_STATUSES,
      errorCodes: PASSING_FAILURES,
      // Whatever is asked for is waited for, up to our own limit.
      maxRetryAfter: Infinity,
      calculateDelay: (failed: FailedTry) => this.#wait(failed),
    }
  }

  answered(response: Response): Response {
    this.last = toAnswer(response)
    this.#askedMs = this.#policy.after?.(this.last) ?? null
    return response
  }

  /**
   * Waits on our clock until the next try may leave; what got then waits itself is the least it
   * knows.
   */
  async #wait({ attemptCount, retryAfter }: FailedTry): Promise<number> {
    const { clock = systemClock, before, onWait } = this.#policy
    const wantedMs = this.#askedMs ?? retryAfter ?? backoffMs(attemptCount)
    const waitMs = Math.min(wantedMs, HTTP_MAX_ASKED_WAIT_MS)
    onWait?.(waitMs, this.last)
    this.last = null
    this.#askedMs = null
    await clock.sleep(waitMs, this.#signal)
    await before?.(this.#signal)
    return 1
  }
}

interface FailedTry {
  readonly attemptCount: number
  readonly retryAfter?: number
}

/** Wait after the given try (1 for the first), milliseconds. */
export function backoffMs(attempt: number): number {
  return Math.min(HTTP_BACKOFF_MS * 2 ** (attempt - 1), HTTP_MAX_BACKOFF_MS)
}

/** Every stage has its time, and all of them together. */
function timeoutsOf({ timeoutMs = HTTP_TIMEOUT_MS }: HttpPolicy): Readonly<Record<string, number>> {
  const connect = Math.min(HTTP_CONNECT_TIMEOUT_MS, timeoutMs)
  return {
    lookup: connect,
    connect,
    secureConnect: connect,
    send: timeoutMs,
    response: timeoutMs,
    request: timeoutMs,
  }
}

/** Why there is no answer, as a safe text. */
function describeFailure(error: unknown, { timeoutMs = HTTP_TIMEOUT_MS }: HttpPolicy): string {
  if (error instanceof Error && error.name === 'TimeoutError') {
    const { event } = error as TimeoutError
    const isConnecting = event === 'lookup' || event === 'connect' || event === 'secureConnect'
    return isConnecting
      ? `no connection within ${Math.min(HTTP_CONNECT_TIMEOUT_MS, timeoutMs)} ms`
      : `no answer within ${timeoutMs} ms`
  }
  const code = error instanceof Error && 'code' in error ? safeCode(error.code) : ''
  return code === '' ? 'the connection failed' : `the connection failed (${code})`
}

function toAnswer(response: Response): HttpAnswer {
  return {
    status: response.statusCode,
    headers: readHeaders(response.headers),
    body: parseBody(String(response.body)),
  }
}

function readHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): ReadonlyMap<string, string> {
  const read = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) {
    const first = typeof value === 'string' ? value : value?.[0]
    if (first !== undefined) read.set(name, first)
  }
  return read
}

function parseBody(text: string): Json | undefined {
  try {
    // Digits of traits are kept: a long integer in it is a bigint, which whoever writes it as a
    // record knows.
    return parseSource(text) as Json
  } catch {
    return undefined
  }
}
