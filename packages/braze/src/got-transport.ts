import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

/** One HTTP exchange to make. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** What came back. Header names are lower-case. */
export interface TransportAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

/** The exchange failed without an answer. */
export class TransportError extends Error {
  override name = 'TransportError'
  /** `unsent`: Braze cannot have seen the whole request. `unknown`: it may have applied it. `aborted`: we gave up. */
  readonly kind: 'unsent' | 'unknown' | 'aborted'
  /** A system code such as ECONNREFUSED. */
  readonly code: string

  constructor(kind: TransportError['kind'], code: string) {
    super(`No answer (${code})`)
    this.kind = kind
    this.code = code
  }
}

/** Makes HTTP exchanges. Follows no redirects, retries nothing, keeps connections alive. */
export interface Transport {
  /** @throws {TransportError} when there is no answer */
  send(request: TransportRequest): Promise<TransportAnswer>
  close(): Promise<void>
}

/** Codes that come before the first byte of the request could have been read. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/**
 * The transport over got, tuned for many small POSTs: raw buffers, no decompression, one timeout.
 *
 * got is loaded with the first request.
 */
export function createGotTransport(options: { readonly sockets: number; readonly connectTimeoutMs?: number }): Transport {
  const agentOptions = { keepAlive: true, maxSockets: options.sockets, maxFreeSockets: options.sockets, scheduling: 'lifo' as const }
  const agents = { http: new HttpAgent(agentOptions), https: new HttpsAgent(agentOptions) }
  const loading = () =>
    import('got').then(({ default: got }) =>
      got.extend({
        agent: agents,
        decompress: false,
        responseType: 'buffer',
        followRedirect: false,
        throwHttpErrors: false,
        retry: { limit: 0 },
      }),
    )
  let instance: ReturnType<typeof loading> | null = null
  return {
    async send(request) {
      const client = await (instance ??= loading())
      try {
        const answer = await client(request.url, {
          method: request.method,
          headers: { ...request.headers },
          ...(request.body === null ? {} : { body: Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength) }),
          timeout: { request: request.timeoutMs, connect: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS },
          ...(request.signal === undefined ? {} : { signal: request.signal }),
        })
        return { status: answer.statusCode, headers: answer.headers as TransportAnswer['headers'], body: answer.rawBody }
      } catch (error) {
        throw toTransportError(error, request.signal)
      }
    },
    async close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

const CONNECT_TIMEOUT_MS = 10_000

/** Keeps the code, drops the rest: messages of HTTP clients can quote headers. */
function toTransportError(error: unknown, signal: AbortSignal | undefined): TransportError {
  const { code, event } = error as { code?: string; event?: string }
  const name = code ?? 'UNKNOWN'
  if (signal?.aborted === true) return new TransportError('aborted', 'ABORTED')
  if (UNSENT.has(name) || (name === 'ETIMEDOUT' && event === 'connect')) return new TransportError('unsent', name)
  return new TransportError('unknown', name)
}
