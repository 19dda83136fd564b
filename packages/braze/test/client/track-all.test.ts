import { startSimulator } from '@engage-sync/braze-simulator'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBrazeClient } from '../../src/client/client.ts'
import type { TrackedItem, TrackItem } from '../../src/client/track-all.ts'
import { scriptedBraze, SUCCESS } from '../scripted-braze.ts'
import type { Arrived, Reply } from '../scripted-braze.ts'
import { InstantClock } from '../test-clock.ts'

const attributes = (user: string, n: number): TrackItem => ({
  attributes: { external_id: user, n },
})
const event = (user: string, n: number): TrackItem => ({
  event: { external_id: user, name: 'Seen', time: '2026-01-01T00:00:00Z', properties: { n } },
})

async function sendAll(
  items: Iterable<TrackItem> | AsyncIterable<TrackItem>,
  reply: (request: Arrived, number: number) => Reply,
) {
  await using braze = await scriptedBraze(reply)
  const client = createBrazeClient({ endpoint: braze.url, apiKey: 'k', clock: new InstantClock() })
  const told: TrackedItem[] = []
  const error: unknown[] = []
  const result = await client
    .trackAll(items, { onOutcome: (each) => told.push(each) })
    .catch((thrown: unknown) => (error.push(thrown), null))
  await client.close()
  return {
    told: told.toSorted((a, b) => a.index - b.index),
    result,
    error: error[0],
    arrived: braze.arrived,
  }
}

describe('trackAll', () => {
  it('gives each of many users an outcome of its own', async () => {
    const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
    const client = createBrazeClient({ endpoint: simulator.url, apiKey: 'simulator' })
    const refused: number[] = []
    async function* users() {
      for (let n = 0; n < 1000; n++)
        yield {
          attributes: { external_id: `u-${n}`, ...(n % 100 === 7 ? { email: 'bad' } : { n }) },
        }
    }

    const result = await client.trackAll(users(), {
      onOutcome: ({ index, outcome }) => outcome.status === 'rejected' && refused.push(index),
    })

    expect(result).toEqual({ delivered: 990, rejected: 10, failed: 0, unknown: 0 })
    expect(refused.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 10 }, (_, hundred) => hundred * 100 + 7),
    )
    await client.close()
    await simulator.close()
  })

  it('loses and repeats nothing, keeps the order of a user, and fills requests to 75', async () => {
    const items = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()), {
      maxLength: 400,
    })
    await fc.assert(
      fc.asyncProperty(items, async (each) => {
        const given = each.map(([user, isEvent], n) =>
          isEvent ? event(user, n) : attributes(user, n),
        )

        const { told, arrived } = await sendAll(given, () => SUCCESS)

        expect(told.map(({ item, index }) => [item, index])).toEqual(
          given.map((item, index) => [item, index]),
        )
        const seen = arrived.map(({ body }) =>
          [...body.matchAll(/"n":(\d+)/gu)].map(([, n]) => Number(n)),
        )
        expect(seen.flat().toSorted((a, b) => a - b)).toEqual(given.map((_, n) => n))
        expect(seen.slice(0, -1).map(({ length }) => length)).toEqual(
          seen.slice(0, -1).map(() => 75),
        )
        for (let at = 1; at < seen.length; at++)
          expect(Math.min(...seen[at])).toBeGreaterThan(Math.max(...seen[at - 1]))
      }),
      { numRuns: 25 },
    )
  })

  it('never has a user in two requests in flight', async () => {
    let open = 0
    let most = 0
    const transport = {
      async send() {
        most = Math.max(most, ++open)
        await new Promise((resolve) => setTimeout(resolve, 2))
        open--
        return { status: 201, headers: {}, body: Buffer.from('{"message":"success"}') }
      },
      close: async () => undefined,
    }
    const client = createBrazeClient({ endpoint: 'US-01', apiKey: 'k', transport })

    await client.trackAll(Array.from({ length: 300 }, (_, n) => attributes('one', n)))
    expect(most).toBe(1)
    await client.trackAll(Array.from({ length: 1500 }, (_, n) => attributes(`u-${n}`, n)))
    expect(most).toBe(20)
    await client.close()
  })

  it('tells what became of all it read when something ends it, and then throws that', async () => {
    const { told, error } = await sendAll(
      Array.from({ length: 150 }, (_, n) => attributes('one', n)),
      (_, number) => (number === 0 ? SUCCESS : { status: 401 }),
    )

    expect(error).toMatchObject({ code: 'DESTINATION_AUTH' })
    expect(told.map(({ outcome }) => outcome.status)).toEqual([
      ...Array.from({ length: 75 }, () => 'delivered'),
      ...Array.from({ length: 75 }, () => 'failed'),
    ])
  })

  it.each([
    ['reset', undefined],
    [{ status: 200, body: {} }, 'BRAZE_ANSWER'],
  ] as const)('knows nothing of events after %j', async (reply, code) => {
    const { told, error } = await sendAll([event('a', 1)], () => reply)

    expect(told.map(({ outcome }) => outcome.status)).toEqual(['unknown'])
    expect((error as { code?: string } | undefined)?.code).toBe(code)
  })

  it('stops reading when aborted', async () => {
    await using braze = await scriptedBraze(() => SUCCESS)
    const stop = new AbortController()
    const client = createBrazeClient({ endpoint: braze.url, apiKey: 'k' })
    let read = 0
    function* endless() {
      for (;;) yield attributes(`u-${read++}`, 1)
    }

    const sending = client.trackAll(endless(), {
      signal: stop.signal,
      onOutcome: ({ index }) => index === 200 && stop.abort(new Error('enough')),
    })

    await expect(sending).rejects.toThrow('enough')
    await client.close()
  })
})
