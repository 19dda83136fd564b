import fc from 'fast-check'
import { startSimulator } from '../../src/index.ts'
import { rawRequest, send } from './raw-requests.ts'

/** What a fuzz has seen: how often each status came. */
export type Seen = ReadonlyMap<number, number>

const QUIET = {
  answerDelayMs: 0,
  applyDelayMs: 1,
  applyShuffle: true,
  trackLimit: 0,
  defaultLimit: 0,
  usersLimit: 0,
  bulkLimit: 0,
}

/**
 * Sends bytes that are almost requests, some at a time, and asks after each group whether the
 * server is still there.
 *
 * @throws {Error} when it no longer answers, or answers 500 to anything
 */
export async function fuzzServer(seed: number, groups: number): Promise<Seen> {
  const simulator = await startSimulator({ settings: QUIET })
  const seen = new Map<number, number>()
  const check = async (requests: readonly Buffer[]) => {
    const statuses = (await Promise.all(requests.map((bytes) => send(simulator.url, bytes)))).flat()
    for (const status of statuses) seen.set(status, (seen.get(status) ?? 0) + 1)
    if (statuses.includes(500)) throw new Error('a request was answered 500')
    const { counts } = (await (await fetch(`${simulator.url}/simulator/drops`)).json()) as {
      counts: Record<string, number>
    }
    if (counts.simulator_error !== undefined) throw new Error('a request could not be written')
    await fetch(`${simulator.url}/simulator/faults`, { method: 'DELETE' })
    Object.assign(simulator.settings, QUIET)
  }
  try {
    await fc.assert(fc.asyncProperty(fc.array(rawRequest, { minLength: 8, maxLength: 8 }), check), {
      seed,
      numRuns: groups,
      endOnFailure: true,
    })
  } finally {
    await simulator.close()
  }
  return seen
}
