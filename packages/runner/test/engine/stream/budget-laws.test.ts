import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StreamGuards } from '../../../src/engine/stream/guarding/index.ts'
import { streamGuards } from '../../../src/state/values/stream-guards.ts'
import type { StreamGuardsState } from '../../../src/state/values/stream-guards.ts'
import { boundsOf, HOUR, ID, LIMITS, MINUTE, QUIET, steps, summaryOf } from './guard-steps.ts'
import type { Amounts, Passed, Step } from './guard-steps.ts'

/** Guards over a state of their own, and the members they watch over. */
class World {
  members: number
  #durable: StreamGuardsState = { budgets: new Map(), frozen: new Map(), allowed: new Map() }
  guards = new StreamGuards(this.#durable)

  constructor(members = 30) {
    this.members = members
  }

  async restart(how: Step['restarts']): Promise<void> {
    if (how === 'no') return
    if (how === 'ended') await this.#store(this.guards.takeUsed())
    this.guards = new StreamGuards(this.#durable)
  }

  async allow(nowMs: number): Promise<void> {
    for (const guard of ['removals=*', 'additions=*', 'data_points', 'deletions'])
      this.guards.allow(guard, nowMs)
    await this.#store(this.guards.takeReserved())
  }

  /** What was let pass of a window; nothing where all of it was held. */
  async pass(step: Step, nowMs: number): Promise<Amounts> {
    const { deletions, rejected: count, dataPoints } = step
    const rejected = { count, of: 10 }
    const window = { summary: summaryOf(step), deletions, rejected, nowMs }
    const { frozen, stop } = await this.guards.judge(window, {
      limits: LIMITS,
      members: async () => new Map([[ID, this.members]]),
      users: async () => 20,
    })
    if (stop === null) this.guards.take()
    this.guards.freeze(frozen.keys(), nowMs)
    await this.#store(this.guards.takeReserved())
    if (stop !== null) return { removals: 0, additions: 0, dataPoints: 0, deletions: 0 }
    const removals = frozen.has(`removals=${ID}`) ? 0 : step.removals
    const additions = frozen.has(`additions=${ID}`) ? 0 : step.additions
    this.members += additions - removals
    return { removals, additions, dataPoints, deletions }
  }

  async #store(values: ReturnType<StreamGuards['takeUsed']>): Promise<void> {
    for (const { key, value } of values) {
      const stored = new Map([[key, value]])
      this.#durable = await streamGuards.read({ values: async () => stored })
      for (const spans of this.#durable.budgets.values())
        expect(spans.length).toBeLessThanOrEqual(61)
    }
  }
}

/** Everything that is let pass before anything is allowed, or since that is over. */
async function passedOf(
  all: readonly Step[],
  {
    restartsAs = (how) => how,
    members = 30,
  }: {
    readonly restartsAs?: (how: Step['restarts']) => Step['restarts']
    readonly members?: number
  } = {},
): Promise<readonly Passed[]> {
  const world = new World(members)
  const passed: Passed[] = []
  let atMs = 1_700_000_000_000
  for (const each of all) {
    atMs += each.afterMs
    await world.restart(restartsAs(each.restarts))
    const { members: before } = world
    passed.push({ ...(await world.pass(each, atMs)), atMs, members: before })
  }
  return passed
}

describe('budgets of a stream', () => {
  it('are exceeded within no hour and no day, whenever it begins, and whoever is killed', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const passed = await passedOf(all)
        for (const found of boundsOf(passed)) expect(found.used).toBeLessThanOrEqual(found.limit)
      }),
      { numRuns: 80 },
    )
  })

  it('know of no restart, where the process ended by itself', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const ended = await passedOf(all, { restartsAs: () => 'ended' })
        expect(ended).toEqual(await passedOf(all, { restartsAs: () => 'no' }))
      }),
      { numRuns: 40 },
    )
  })

  it('are there again an hour after they were used, and not before', async () => {
    const step = { additions: 0, dataPoints: 0, deletions: 0, rejected: 0, restarts: 'no' } as const
    const removals = async (...times: readonly number[]) => {
      let before = 0
      const all = times.map((minute) => {
        const afterMs = (minute - before) * MINUTE
        before = minute
        return { ...step, afterMs, removals: 8 }
      })
      return (await passedOf(all, { members: 100 })).map((each) => each.removals)
    }

    expect(await removals(0, 40, 62)).toEqual([8, 8, 8])
    expect(await removals(0, 30, 59)).toEqual([8, 8, 0])
    expect(await removals(0, 30, 59, 300)).toEqual([8, 8, 0, 0])
  })

  it('hold nothing that was allowed, for an hour', async () => {
    const world = new World()
    const step: Step = { ...QUIET, removals: 7 }
    expect(await world.pass(step, 0)).toMatchObject({ removals: 0 })
    await world.allow(MINUTE)
    expect(await world.pass(step, 2 * MINUTE)).toMatchObject({ removals: 7 })
    await world.restart('killed')
    expect(await world.pass(step, 59 * MINUTE)).toMatchObject({ removals: 7 })
    expect(await world.pass(step, 61 * MINUTE)).toMatchObject({ removals: 0 })
  })

  it('let a new membership gain what comes within its first hour', async () => {
    const world = new World(0)
    const step: Step = { ...QUIET, additions: 1400 }
    expect(await world.pass(step, 0)).toMatchObject({ additions: 1400 })
    await world.restart('killed')
    expect(await world.pass(step, 50 * MINUTE)).toMatchObject({ additions: 1400 })
    expect(await world.pass(step, 61 * MINUTE)).toMatchObject({ additions: 1400 })
    expect(await world.pass(step, 62 * MINUTE)).toMatchObject({ additions: 0 })
  })

  it('outlive a clock that is set back', async () => {
    const world = new World()
    const step: Step = { ...QUIET, removals: 3 }
    expect(await world.pass(step, 10 * HOUR)).toMatchObject({ removals: 3 })
    expect(await world.pass(step, 2 * HOUR)).toMatchObject({ removals: 3 })
    expect(await world.pass({ ...step, removals: 1 }, 2 * HOUR)).toMatchObject({ removals: 0 })
    expect(await world.pass(step, 3 * HOUR + 2 * MINUTE)).toMatchObject({ removals: 0 })
  })
})
