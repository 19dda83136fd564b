import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import type { DroppedCause } from '@engage-sync/core'

interface DropsAnswer {
  readonly last_request: number
  readonly causes: readonly DroppedCause[]
}

/**
 * Remembers how far a simulator is.
 *
 * Shape: what it dropped of the requests after that, most first, once it applied all it accepted.
 */
export async function watchDrops(url: string): Promise<() => Promise<readonly DroppedCause[]>> {
  const { last_request: since } = await dropsSince(url, 0)
  return async () => {
    await ask(`${url}/simulator/settle`, 'POST')
    return (await dropsSince(url, since)).causes
  }
}

async function dropsSince(url: string, since: number): Promise<DropsAnswer> {
  return (await ask(`${url}/simulator/drops?since=${since}`, 'GET')) as DropsAnswer
}

/** Not by `fetch`, which a run has no other use for: the first call takes 50 ms of CPU. */
async function ask(url: string, method: 'GET' | 'POST'): Promise<unknown> {
  const { request } = process.getBuiltinModule('node:http')
  const [answer] = (await once(request(url, { method }).end(), 'response')) as [IncomingMessage]
  return await json(answer)
}
