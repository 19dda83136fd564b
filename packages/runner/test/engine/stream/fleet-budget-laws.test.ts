import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import type { Json, SharedChange, StateStore } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import {
  ChargedBefore,
  FleetGuards,
  RollingBudget,
  RunJudge,
  StreamGuards,
} from '../../../src/engine/stream/guarding/index.ts'
import type { Guards } from '../../../src/engine/stream/guarding/index.ts'
import { boundsOf, HOUR, ID, LIMITS, MINUTE, QUIET, steps, summaryOf } from './guard-steps.ts'
import type { Amounts, Passed, Step } from './guard-steps.ts'

const KEYS = [`removals=${ID}`, `additions=${ID}`] as const
/** How often a worker looks what the others did, milliseconds. */
const LOOK_MS = 500
const NOTHING: Amounts = { removals: 0, additions: 0, dataPoints: 0, deletions: 0 }

/** Workers over one book, and the members they watch over together. */
class FleetWorld {
  nowMs = 1_700_000_000_000
  members: number
  readonly passed: Passed[] = []
  asked = 0
  readonly #lately = new RollingBudget(HOUR)
  #book: Json | null = null
  #names = 0
  readonly #workers: FleetGuards[] = []

  constructor(members: number) {
    this.members = members
  }

  async start(count: number): Promise<void> {
    while (this.#workers.length < count) this.#workers.push(await this.#open())
  }

  /** A worker that ended by itself, or was killed, and the one that comes for it. */
  async restart(worker: number, how: Step['restarts']): Promise<void> {
    if (how === 'no') return
    if (how === 'ended') await this.#workers[worker]!.end()
    this.#workers[worker] = await this.#open()
  }

  /** Time goes on, and with it what every worker does now and then: telling what it read, above all. */
  async pass(ms: number): Promise<void> {
    const soonMs = Math.min(ms, LOOK_MS)
    for (const partMs of [soonMs, ms - soonMs]) {
      this.nowMs += partMs
      for (const worker of this.#workers) await worker.look(this.nowMs, new Set())
    }
  }

  /** What its worker lets pass of a window. */
  async window(worker: number, step: Step): Promise<Amounts> {
    const guards = this.#workers[worker]!
    await guards.look(this.nowMs, new Set())
    const passed = await passOf(guards, step, {
      nowMs: this.nowMs,
      membersOf: () => this.anHourAgo,
    })
    this.passed.push({ ...passed, atMs: this.nowMs, members: this.members })
    this.members += passed.additions - passed.removals
    this.#lately.use(passed.additions - passed.removals, this.nowMs)
    return passed
  }

  get anHourAgo(): number {
    return Math.max(0, this.members - this.#lately.usedBy(this.nowMs))
  }

  /** What a run of another worker is judged with, of which another partition has twenty members. */
  run(limits: Partial<typeof LIMITS>): ConstructorParameters<typeof RunJudge>[0] {
    const told = new Map<string, Json>([['members:9', { [ID]: 20 }]])
    const share = {
      partitions: new Set([1]),
      isPast: () => true,
      lost: new AbortController().signal,
    }
    return {
      guards: { ...LIMITS, ...limits, emptySource: 'stop' },
      allow: [],
      store: null as unknown as StateStore,
      now: () => this.nowMs,
      share: { ...share, shared: { ...this.#shared(), ...wholeOf(told) } },
      before: new ChargedBefore(),
      epoch: () => 1,
    }
  }

  #shared() {
    return {
      worker: `worker ${++this.#names}`,
      changeValue: <Result>(_: string, change: SharedChange<Result>) => this.#change(change),
    }
  }

  async #open(): Promise<FleetGuards> {
    const shared = { ...this.#shared(), ...wholeOf(new Map()) }
    const time = { now: () => this.nowMs, wait: (ms: number) => this.#wait(ms) }
    return await FleetGuards.open(shared, new ChargedBefore(), { time })
  }

  /** As a store does: whoever was slower asks again. */
  async #change<Result>(change: SharedChange<Result>): Promise<Result> {
    this.asked++
    for (;;) {
      const before = this.#book
      await setImmediate()
      const { value, result } = change(before, this.nowMs)
      if (value === null) return result
      await setImmediate()
      if (this.#book !== before) continue
      this.#book = JSON.parse(JSON.stringify(value)) as Json
      return result
    }
  }

  /** While one waits the others go on, and see what they are asked for. */
  #wait(ms: number): Promise<void> {
    return this.pass(ms)
  }
}

function wholeOf(values: ReadonlyMap<string, Json>) {
  const loadPartition = () => Promise.reject(new Error('not asked for'))
  return { whole: { values: async () => values, loadPartition } }
}

/** Has a window judged as the engine does: what is frozen of it is taken back, and the rest judged anew. */
async function passOf(
  guards: Guards,
  step: Step,
  { nowMs, membersOf }: { readonly nowMs: number; readonly membersOf: () => number },
): Promise<Amounts> {
  let left = step
  for (;;) {
    const rejected = { count: left.rejected, of: 10 }
    const window = { summary: summaryOf(left), deletions: left.deletions, rejected, nowMs }
    const { frozen, stop } = await guards.judge(window, {
      limits: LIMITS,
      members: async () => new Map([[ID, membersOf()]]),
      users: async () => 20,
    })
    guards.freeze(frozen.keys(), nowMs)
    if (stop !== null) return NOTHING
    if (frozen.size === 0) {
      guards.take()
      const { removals, additions, dataPoints, deletions } = left
      return { removals, additions, dataPoints, deletions }
    }
    const [removals, additions] = KEYS.map((key) => frozen.has(key))
    left = {
      ...left,
      ...(removals === true && { removals: 0 }),
      ...(additions === true && { additions: 0 }),
    }
  }
}

const turns = (workers: number) =>
  fc.array(fc.integer({ min: 0, max: workers - 1 }), { minLength: 40, maxLength: 40 })

describe('budgets of several workers', () => {
  it('are exceeded within no hour and no day by all of them together, whoever is killed', async () => {
    const atOnce = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 40, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(steps, turns(3), atOnce, async (all, who, together) => {
        const world = new FleetWorld(30)
        await world.start(3)
        const left = all.map((step, index) => ({ step, first: who[index]! }))
        for (let round = 0; left.length > 0; round++) {
          const some = left.splice(0, together[round])
          for (const [index, { step, first }] of some.entries()) {
            if (index === 0) world.nowMs += step.afterMs
            await world.restart((first + index) % 3, step.restarts)
          }
          const [{ first }] = some as [(typeof some)[number]]
          await Promise.all(some.map(({ step }, index) => world.window((first + index) % 3, step)))
        }
        for (const { used, limit } of boundsOf(world.passed))
          expect(used).toBeLessThanOrEqual(limit)
      }),
      { numRuns: 60 },
    )
  })

  it('let pass what one worker alone would let pass, as long as nobody is killed', async () => {
    const guarded = steps.map((all) =>
      all.map((step) => ({
        ...step,
        restarts: step.restarts === 'killed' ? 'ended' : step.restarts,
      })),
    )
    await fc.assert(
      fc.asyncProperty(guarded, turns(3), async (all, who) => {
        const world = new FleetWorld(30)
        await world.start(3)
        const alone = new StreamGuards({
          budgets: new Map(),
          frozen: new Map(),
          allowed: new Map(),
        })
        let members = 30
        for (const [index, step] of all.entries()) {
          await world.pass(step.afterMs)
          await world.restart(who[index]!, step.restarts as Step['restarts'])
          const { nowMs } = world
          const expected = await passOf(alone, step, { nowMs, membersOf: () => members })
          members += expected.additions - expected.removals

          expect(await world.window(who[index]!, step)).toEqual(expected)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('are not asked for by every window', async () => {
    const world = new FleetWorld(1000)
    await world.start(1)
    const before = world.asked
    for (let window = 0; window < 20; window++) await world.window(0, { ...QUIET, additions: 5 })
    expect(world.passed.map(({ additions }) => additions)).toEqual(Array(20).fill(5))
    // One reserves the first window's and a tenth of a thousand.
    expect(world.asked - before).toBeLessThan(3)
    world.nowMs += 2 * MINUTE
    await world.window(0, { ...QUIET, additions: 5 })
    expect(world.passed.at(-1)).toMatchObject({ additions: 5 })
  })

  it('judge a run of one worker over its own partitions, and freeze nothing for it', async () => {
    const world = new FleetWorld(30)
    await world.start(2)
    await world.window(0, { ...QUIET, removals: 4 })
    await world.restart(0, 'ended')
    const judge = (removals: number) => {
      const run = new RunJudge(world.run({ maxRemovals: 0.2 }))
      const plan = { ...QUIET, removals }
      return run.judge({
        summary: summaryOf(plan),
        deletions: 0,
        rejected: { count: 0, of: 0 },
        members: async () => new Map([[ID, 10]]),
        users: async () => 20,
      })
    }

    expect(await judge(3)).toMatchObject([{ allow: KEYS[0], planned: 7, limit: 6, members: 30 }])
    expect(await judge(2)).toEqual([])
    expect(await world.window(1, { ...QUIET, removals: 1 })).toMatchObject({ removals: 0 })
  })
})
