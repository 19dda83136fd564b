import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from '../inspect/index.ts'
import type { InspectionServer } from '../inspect/index.ts'
import { SimulatorError } from '../options/index.ts'
import { CHOSEN, LIMITS } from '../specification/index.ts'
import { answer } from './answer.ts'
import type { AnswerContext, Outgoing } from './answer.ts'
import { foreignProblem } from './visitor.ts'
import type { Visitor } from './visitor.ts'

/** Not imported: that asks for all it names, a WebSocket client among it, which takes 50 ms of CPU. */
const { createServer } = process.getBuiltinModule('node:http')

/** Bytes beyond which a body is no longer kept; its request is answered 413 all the same. */
const KEPT_BYTES = LIMITS.bodyBytes * 2
const KEEP_ALIVE_MS = 65_000

/** What the server stands on: the answers of Braze, and what can be looked at beside them. */
export interface ServerContext extends AnswerContext, InspectionServer {
  /** Names it answers to beside those of the loopback, in lower case. */
  readonly hostNames: ReadonlySet<string>
}

/** A server that answers as Braze, and for itself under `/simulator`. */
export function createHttpServer(context: ServerContext): Server {
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 },
    (request, response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes <= KEPT_BYTES) chunks.push(chunk)
      })
      request.on('end', () => {
        const body = bytes > KEPT_BYTES ? null : joined(chunks)
        respond({ request, response, body }, context)
      })
      request.on('error', () => response.destroy())
    },
  )
  return server
}

/** One chunk is not copied. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [first, ...more] = chunks
  return first !== undefined && more.length === 0 ? first : Buffer.concat(chunks)
}

/**
 * Listens, and gives the address.
 *
 * @throws {SimulatorError} `SIMULATOR_PORT` when the port cannot be had
 */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new SimulatorError(
          'SIMULATOR_PORT',
          `Cannot listen on ${host}:${port} (${cause.code})`,
          'Choose another port, or 0 for any free one.',
        ),
      )
    })
    server.listen(port, host, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
}

/** A request that came whole, or too large a body of it, and its answer to write. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: Buffer | null
}

function respond(exchange: Exchange, context: ServerContext): void {
  const { response } = exchange
  try {
    route(exchange, context)
  } catch {
    // A mistake of the simulator costs the one request, never the process that others test against.
    if (response.headersSent) response.destroy()
    else
      send(response, {
        ...CHOSEN.serverError,
        headers: {},
        text: JSON.stringify(CHOSEN.serverError.body),
        delayMs: 0,
      })
  }
}

function route({ request, response, body }: Exchange, context: ServerContext): void {
  const { method = 'GET', url = '/', headers } = request
  const question = url.indexOf('?')
  const path = question < 0 ? url : url.slice(0, question)
  const query = new URLSearchParams(question < 0 ? '' : url.slice(question))
  const problem = foreignProblem({ method, path, ...originOf(headers) }, context.hostNames)
  if (problem !== null)
    return send(response, {
      status: 403,
      headers: {},
      text: JSON.stringify({ message: problem }),
      delayMs: 0,
    })
  if (path === '/' || path === '/simulator' || path.startsWith('/simulator/')) {
    inspect({ method, path, query, body }, response, context)
    return
  }
  const authorization = headers.authorization ?? ''
  const contentType = headers['content-type'] ?? ''
  const userAgent = headers['user-agent'] ?? null
  const address = `http://${headers.host}${path}`
  const { outgoing, close } = answer(
    { method, path, query, url: address, authorization, contentType, userAgent, body },
    context,
  )
  response.once('close', close)
  const hand = () => {
    if (!('end' in outgoing) || outgoing.end === 'reset') close()
    send(response, outgoing)
  }
  if (outgoing.delayMs === 0) hand()
  else setTimeout(hand, outgoing.delayMs).unref()
}

function originOf(
  headers: IncomingHttpHeaders,
): Pick<Visitor, 'host' | 'origin' | 'site' | 'mode'> {
  const [site, mode] = [headers['sec-fetch-site'], headers['sec-fetch-mode']]
  return {
    host: headers.host,
    origin: headers.origin,
    site: site?.toString(),
    mode: mode?.toString(),
  }
}

function send(response: ServerResponse, outgoing: Outgoing): void {
  if ('end' in outgoing) {
    if (outgoing.end === 'reset') response.socket?.resetAndDestroy()
    return
  }
  response.writeHead(outgoing.status, {
    'Content-Type': 'application/json',
    ...outgoing.headers,
    'Content-Length': Buffer.byteLength(outgoing.text),
  })
  if (outgoing.isCut === true)
    response.write(outgoing.text.slice(0, outgoing.text.length / 2), () =>
      response.socket?.destroy(),
    )
  else response.end(outgoing.text)
}
