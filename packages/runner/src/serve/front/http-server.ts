import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { SyncError } from '@engage-sync/core'
import type { ListenAddress } from '@engage-sync/core'
import { refusal, send } from './answer.ts'
import { LIMITS } from './limits.ts'
import type { Limits } from './limits.ts'

/** A request with its answer to be written. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Path without its query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Tells a client that waits for it that its body is wanted. */
  readonly proceed: () => void
}

/** What answers requests; what it throws costs the one request. */
export type Handler = (exchange: Exchange) => Promise<void>

/** A server that answers, with limits on everything a client may take. */
export function createFront(handle: Handler, limits: Limits = LIMITS): Server {
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: limits.checkMs,
  })
  server.maxHeadersCount = limits.headers
  server.maxConnections = limits.connections
  const respond = (request: IncomingMessage, response: ServerResponse, proceed: () => void) => {
    const { url = '/' } = request
    const question = url.indexOf('?')
    const path = question < 0 ? url : url.slice(0, question)
    const query = new URLSearchParams(question < 0 ? '' : url.slice(question))
    // What is not read is read past, so that the connection can go on.
    response.once('finish', () => request.resume())
    handle({ request, response, path, query, proceed }).catch(() => fail(response))
  }
  server.on('request', (request, response) => respond(request, response, () => undefined))
  server.on('checkContinue', (request, response) =>
    respond(request, response, () => response.writeContinue()),
  )
  return server
}

/** A mistake of ours: whoever sent it is to come again. */
function fail(response: ServerResponse): void {
  if (response.headersSent) response.destroy()
  else send(response, refusal(500, { code: 'INTERNAL', message: 'A mistake of engage-sync.' }))
}

/**
 * Listens, and gives the address.
 *
 * @throws {SyncError} `SERVE_PORT` when it cannot be had
 */
export async function listen(server: Server, { host, port }: ListenAddress): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', (cause: NodeJS.ErrnoException) => {
    const place = `${host.includes(':') ? `[${host}]` : host}:${port}`
    reject(
      new SyncError('SERVE_PORT', `Cannot listen on ${place} (${cause.code})`, {
        hint: 'Choose another address with --listen, or port 0 for any free one.',
      }),
    )
  })
  server.listen({ port, ...(host !== '' && { host }) }, resolve)
  await promise
  const { port: bound } = server.address() as AddressInfo
  const reachable = host === '' || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${bound}`
}

/** The same address, as processes of other machines may reach it. @param url - as `listen` gives it */
export function urlForOthers(url: string, { host }: ListenAddress): string {
  if (host !== '' && host !== '0.0.0.0' && host !== '::') return url
  const own = new URL(url)
  own.hostname = hostname()
  return own.origin
}

/** Takes no more connections; requests under way may end, within three seconds. */
export async function closeFront(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  const late = setTimeout(() => server.closeAllConnections(), LIMITS.closeMs)
  await promise
  clearInterval(idle)
  clearTimeout(late)
}
