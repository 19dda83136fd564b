import { createHttpTransport } from './http-transport.ts'
import { createThreadTransport } from './thread-transport.ts'
import type { Transport, TransportOptions } from './transport.ts'

/** So many requests cost less on this thread than a second one costs to start. */
const HANDOVER_AFTER = 100

/**
 * The first requests go out from this thread; when more come, a thread of their own takes over.
 *
 * A short run starts no thread, a long one keeps this thread free for its own work.
 */
export function createHandoverTransport(options: TransportOptions): Transport {
  const here = createHttpTransport(options)
  let there: Transport | null = null
  let sent = 0
  return {
    send(request) {
      if (sent++ < HANDOVER_AFTER) return here.send(request)
      there ??= createThreadTransport(options)
      return there.send(request)
    },
    async close() {
      await Promise.all([here.close(), there?.close()])
    },
  }
}
