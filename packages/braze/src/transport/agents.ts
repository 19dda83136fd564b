import type { Agent as HttpAgent } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import { http, https } from './node-http.ts'
import type { TransportOptions } from './transport.ts'

/** Until a connection stands, milliseconds. */
export const CONNECT_TIMEOUT_MS = 10_000
/**
 * Shorter than servers and load balancers wait: a request into a connection they just closed has no
 * known outcome.
 */
const IDLE_MS = 15_000

/**
 * Keeps connections, the one used last first, so that those a quiet time does not need close by
 * themselves.
 */
export function createAgents({ sockets, idleMs = IDLE_MS }: TransportOptions): {
  readonly http: HttpAgent
  readonly https: HttpsAgent
} {
  const options = {
    keepAlive: true,
    maxSockets: sockets,
    maxFreeSockets: sockets,
    scheduling: 'lifo' as const,
    timeout: idleMs,
  }
  return { http: new http.Agent(options), https: new https.Agent(options) }
}
