import { createHttpTransport } from './http-transport.ts'
import { createThreadTransport, NEVER_RAN } from './thread-transport.ts'
import { TransportError } from './transport.ts'
import type { Transport, TransportOptions } from './transport.ts'

/** So many requests cost less on this thread than a second one costs to start. */
const HANDOVER_AFTER = 100

/** Options of `createHotTransport`. */
export interface HotTransportOptions extends TransportOptions {
  /** Whether many requests get a thread of their own. Default true. */
  readonly thread?: boolean
}

/**
 * The way of requests that are many, to track and to cohorts: Node's own client, at a fifth of got's CPU, and on a
 * thread of its own once a hundred are sent, so that this thread folds and packs meanwhile.
 *
 * A short run starts no thread. Where none can start (a bundle leaves the thread's file out), this
 * thread goes on.
 *
 * @param startThread - makes the thread's transport; default our own
 */
export function createHotTransport(
  { thread = true, ...options }: HotTransportOptions,
  startThread: (options: TransportOptions) => Transport = createThreadTransport,
): Transport {
  const here = createHttpTransport(options)
  let there: Transport | null = null
  let left = thread ? HANDOVER_AFTER : Infinity
  return {
    async send(request) {
      if (left-- > 0) return here.send(request)
      try {
        return await (there ??= startThread(options)).send(request)
      } catch (error) {
        if (!(error instanceof TransportError) || error.code !== NEVER_RAN) throw error
        left = Infinity
        return here.send(request)
      }
    },
    async close() {
      await Promise.all([here.close(), there?.close()])
    },
  }
}
