import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { expect } from 'vitest'
import { allowRequests } from '../../../src/state/values/stream-guards.ts'
import type { StreamOptions } from '../../../src/engine/stream/index.ts'
import { Bench, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { LedgerDestination } from '../ledger-destination.ts'
import type { Fate } from '../ledger-destination.ts'
import { GrowingSource, StreamBench, until } from './stream-bench.ts'
import type { Running } from './stream-bench.ts'

const user = fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5', 'u6')
const at = fc.integer({ min: NOW - 60, max: NOW - 1 })
const worth = fc.constantFrom(1, 4, 7, 9, null, 'many')
const event: fc.Arbitrary<TestEvent> = fc.oneof(
  fc.record({ user, at, trait: fc.constant('plan'), value: fc.constantFrom('free', 'pro', null) }),
  fc.record({ user, at, trait: fc.constant('worth'), value: worth }),
  fc.record({ user, at, audience: fc.constant('vip'), value: fc.boolean() }),
)
export const events = fc.array(event, { minLength: 1, maxLength: 30 })

/** Records that come together, and whether the stream starts anew after them. */
export interface Cut {
  readonly records: number
  /** `killed`: a moment after the records came. */
  readonly restarts: 'no' | 'ended' | 'killed'
}

export const cuts: fc.Arbitrary<readonly Cut[]> = fc.array(
  fc.record({
    records: fc.integer({ min: 1, max: 8 }),
    restarts: fc.constantFrom('no', 'ended', 'killed'),
  }),
  { minLength: 1, maxLength: 8 },
)

export async function byRun(sync: string, records: readonly TestEvent[]) {
  const bench = new Bench({ shop: sync })
  try {
    bench.records = [...records]
    await bench.run()
    return bench.ledger.dump()
  } finally {
    bench.close()
  }
}

/** What is there once the records came as they were cut, and the stream started anew between them. */
export async function byWindows(
  sync: string,
  records: readonly TestEvent[],
  how: {
    readonly cuts: readonly Cut[]
    readonly fate?: (request: number) => Fate
    readonly delayMs?: (request: number) => number
    /** No window takes less than what came together. */
    readonly isUncut?: boolean
    readonly guards?: StreamOptions['guards']
    /** After which of the cuts all is allowed that guards hold; it is at the end, too. */
    readonly allowedAfter?: number
  },
) {
  const ledger = new LedgerDestination()
  const bench = new StreamBench({ shop: sync }, ledger)
  if (how.isUncut === true) bench.source = new GrowingSource(Infinity)
  if (how.fate !== undefined) ledger.fate = how.fate
  if (how.delayMs !== undefined) ledger.delayMs = how.delayMs
  const left = [...records]
  const parts = how.cuts.map(({ records: count, restarts }) => ({
    some: left.splice(0, count),
    restarts,
  }))
  parts.push({ some: left, restarts: 'no' })
  let ended = 0
  const more = how.guards === undefined ? {} : { guards: how.guards }
  try {
    while (parts.length > 0)
      await bench.streaming(
        async (running) => {
          while (parts.length > 0) {
            const { some, restarts } = parts.shift()!
            bench.source.add(some)
            if (restarts === 'killed') {
              await setImmediate()
              return await running.kill()
            }
            await running.taken()
            if (ended++ === how.allowedAfter) await allowAll(bench, running)
            if (restarts === 'ended') return
          }
          await settle(bench, running)
        },
        { lateMs: 2, ...more },
      )
    expect(ledger.overlaps).toEqual([])
    return { dump: ledger.dump(), points: ledger.dataPoints }
  } finally {
    bench.close()
  }
}

/** Waits until nobody waits, whatever that takes. */
async function settle(bench: StreamBench, running: Running): Promise<void> {
  await running.taken()
  const { stream } = running
  for (;;) {
    await until(() => stream.status().heldUsers === 0 || stream.status().frozen.length > 0)
    if (stream.status().frozen.length === 0) return await running.settled()
    await allowAll(bench, running)
    await until(() => stream.status().frozen.length === 0)
  }
}

async function allowAll(bench: StreamBench, { stream }: Running): Promise<void> {
  const values = stream
    .status()
    .frozen.map(({ allow }) => allowRequests.stored(allow, new Date(NOW).toISOString()))
  if (values.length === 0) return
  await bench.withStore(async (store) => {
    const lease = await store.currentLease()
    await store.commit({ epoch: lease?.epoch ?? 0, values })
  })
}

export type Dump = ReturnType<LedgerDestination['dump']>

/**
 * Users with anything to be seen of them: one whom a value created that was taken back since is
 * there, where a run that saw both at once never made the user.
 */
export function seen(dump: Dump): Dump {
  return dump.filter(
    ({ attributes, events: sent, cohorts }) =>
      sent.length + cohorts.length > 0 ||
      Object.values(attributes).some((value) => value !== false),
  )
}

/**
 * Each user's records in order of time, all of them younger than their mappings; one an instant, so
 * that none is overtaken by chance.
 */
export function inOrder(records: readonly TestEvent[]): readonly TestEvent[] {
  return records.map((record, index) => ({ ...record, at: NOW + index }))
}
