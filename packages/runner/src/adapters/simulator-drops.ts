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
    await fetch(`${url}/simulator/settle`, { method: 'POST' })
    return (await dropsSince(url, since)).causes
  }
}

async function dropsSince(url: string, since: number): Promise<DropsAnswer> {
  const answer = await fetch(`${url}/simulator/drops?since=${since}`)
  return (await answer.json()) as DropsAnswer
}
