import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { TransportError } from './transport.ts'
import type { Transport, TransportAnswer, TransportOptions } from './transport.ts'

const CONNECT_TIMEOUT_MS = 10_000
/** Shorter than servers and load balancers wait: a request into a connection they just closed has no known outcome. */
const IDLE_MS = 15_000

/** Codes that come before the first byte of the request could have been read. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EMFILE',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/**
 * The transport over got, tuned for many small POSTs: raw buffers, no compression in either direction (Braze's
 * documentation offers none for requests), one timeout besides that of connecting.
 *
 * got is loaded with the first request.
 */
export function createGotTransport(options: TransportOptions): Transport {
  const { sockets, connectTimeoutMs = CONNECT_TIMEOUT_MS, idleMs = IDLE_MS } = options
  const agentOptions = { keepAlive: true, maxSockets: sockets, maxFreeSockets: sockets, scheduling: 'lifo' as const, timeout: idleMs }
  const agents = { http: new HttpAgent(agentOptions), https: new HttpsAgent(agentOptions) }
  let instance: ReturnType<typeof loadGot> | null = null
  return {
    async send(request) {
      const client = await (instance ??= loadGot(agents))
      try {
        const answer = await client(request.url, {
          method: request.method,
          headers: { ...request.headers },
          ...(request.body === null ? {} : { body: Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength) }),
          timeout: { request: request.timeoutMs, connect: connectTimeoutMs },
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

async function loadGot(agent: { http: HttpAgent; https: HttpsAgent }) {
  const { default: got } = await import('got')
  return got.extend({
    agent,
    decompress: false,
    responseType: 'buffer',
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
  })
}

/** Keeps the code, drops the rest: messages of HTTP clients can quote headers. */
function toTransportError(error: unknown, signal: AbortSignal | undefined): TransportError {
  const { code, event } = error as { code?: string; event?: string }
  if (signal?.aborted === true) return new TransportError('aborted', 'ABORTED')
  const name = code ?? 'UNKNOWN'
  if (UNSENT.has(name) || (name === 'ETIMEDOUT' && event === 'connect')) return new TransportError('unsent', name)
  return new TransportError('unknown', name)
}
