import { CONNECT_TIMEOUT_MS, createAgents } from './agents.ts'
import { OVERSIZED, toTransportError } from './transport-failure.ts'
import { MAX_ANSWER_BYTES } from './transport.ts'
import type { Transport, TransportAnswer, TransportOptions, TransportRequest } from './transport.ts'

/**
 * The transport over got, for every call but track: raw buffers, no compression in either direction
 * (Braze's documentation offers none for requests), no retry (each try passes pace and caps, which
 * got knows nothing of).
 *
 * got is loaded with the first request.
 */
export function createGotTransport(options: TransportOptions): Transport {
  const agents = createAgents(options)
  const { connectTimeoutMs = CONNECT_TIMEOUT_MS } = options
  let instance: ReturnType<typeof loadGot> | null = null
  return {
    async send(request) {
      return sendBy(await (instance ??= loadGot(agents, connectTimeoutMs)), request)
    },
    async close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

async function sendBy(
  client: Awaited<ReturnType<typeof loadGot>>,
  request: TransportRequest,
): Promise<TransportAnswer> {
  const { url, method, headers, body, timeoutMs, signal } = request
  const tooLarge = new AbortController()
  try {
    const asked = client(url, {
      method,
      headers: { ...headers },
      ...(body === null
        ? {}
        : { body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) }),
      timeout: { request: timeoutMs },
      signal: signal === undefined ? tooLarge.signal : AbortSignal.any([signal, tooLarge.signal]),
    })
    void asked.on('downloadProgress', ({ transferred }) => {
      if (transferred > MAX_ANSWER_BYTES) tooLarge.abort()
    })
    const { statusCode, headers: answered, rawBody } = await asked
    return { status: statusCode, headers: answered as TransportAnswer['headers'], body: rawBody }
  } catch (error) {
    throw toTransportError(tooLarge.signal.aborted ? { code: OVERSIZED } : error, signal)
  }
}

async function loadGot(agent: ReturnType<typeof createAgents>, connectMs: number) {
  const { default: got } = await import('got')
  return got.extend({
    agent,
    decompress: false,
    responseType: 'buffer',
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
    timeout: { lookup: connectMs, connect: connectMs, secureConnect: connectMs },
  })
}
