import { createServer } from 'node:http'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it arrived. */
export interface Arrived {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The client's, to tell connections apart. */
  readonly port: number | undefined
}

/** What the server does with a request: an answer, or a breach of the connection. */
export type Reply =
  | {
      readonly status: number
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
    }
  | 'reset'
  | 'silence'

/** A real HTTP server whose answers the test writes. */
export interface ScriptedBraze extends AsyncDisposable {
  readonly url: string
  readonly arrived: readonly Arrived[]
}

export const SUCCESS: Reply = { status: 201, body: { message: 'success' } }

/** Starts one on a free port. `reply` gets each request, and its number from 0. */
export async function scriptedBraze(
  reply: (request: Arrived, number: number) => Reply,
): Promise<ScriptedBraze> {
  const arrived: Arrived[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      arrived.push({
        method,
        path: url,
        headers,
        body: Buffer.concat(chunks).toString('utf8'),
        port: request.socket.remotePort,
      })
      answer(response, reply(arrived.at(-1)!, arrived.length - 1))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply === 'silence') return
  if (reply === 'reset') {
    response.socket?.resetAndDestroy()
    return
  }
  const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {})
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
  response.end(text)
}
