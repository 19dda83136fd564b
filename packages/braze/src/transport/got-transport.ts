import { CONNECT_TIMEOUT_MS, createAgents } from './agents.ts'
import { toTransportError } from './transport-failure.ts'
import type { Transport, TransportAnswer, TransportOptions } from './transport.ts'

/**
 * The transport over got, tuned for many small POSTs: raw buffers, no compression in either direction (Braze's
 * documentation offers none for requests), one timeout besides that of connecting.
 *
 * got is loaded with the first request.
 */
export function createGotTransport(options: TransportOptions): Transport {
  const agents = createAgents(options)
  const { connectTimeoutMs = CONNECT_TIMEOUT_MS } = options
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

async function loadGot(agent: ReturnType<typeof createAgents>) {
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
