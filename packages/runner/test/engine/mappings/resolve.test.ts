import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { missedMappings, ownSources, resolveMappings } from '../../../src/engine/mappings/index.ts'
import type { ResolvedMappings } from '../../../src/engine/mappings/index.ts'
import { Bench, compile, NOW } from '../harness.ts'

let bench: Bench

beforeEach(async () => {
  bench = new Bench({ shop: 'traits: { plan: plan, tier: tier }\n' })
  bench.records = [{ user: 'u1', at: NOW - 20, trait: 'plan', value: 'pro' }]
  await bench.run()
})
afterEach(() => bench.close())

function resolved(shop: string): Promise<ResolvedMappings> {
  return bench.withStore((store) =>
    resolveMappings(store, compile({ shop }), { nowMs: NOW + 1000 }),
  )
}

describe("today's mappings beside those the state knows", () => {
  it.each([
    ['nothing', 'traits: { plan: plan, tier: tier }\n', {}],
    [
      'what is new',
      'traits: { plan: plan, tier: tier, city: home_city }\n',
      { added: ['shop:traits.city'] },
    ],
    [
      'what means something else',
      'traits: { plan: plan, tier: { attribute: tier, type: string } }\n',
      { changed: ['shop:traits.tier'] },
    ],
    [
      'what got a new name, and reads another trait',
      'traits: { plan: plan, level: { attribute: tier } }\nmoved: [{ from: traits.tier, to: traits.level }]\n',
      {
        moved: [{ from: 'shop:traits.tier', to: 'shop:traits.level' }],
        renamed: ['shop:traits.level'],
      },
    ],
    [
      'what got a new name, and means something else',
      'traits: { plan: plan, level: { attribute: tier, type: string } }\nmoved: [{ from: traits.tier, to: traits.level }]\n',
      {
        moved: [{ from: 'shop:traits.tier', to: 'shop:traits.level' }],
        changed: ['shop:traits.level'],
      },
    ],
    [
      'what is retired',
      'traits: { plan: plan }\nretire: [{ attribute: tier, by: unset }]\n',
      { retired: ['shop:traits.tier'] },
    ],
  ])('tell %s', async (_, shop, changes) => {
    const found = (await resolved(shop)).changes

    expect(found).toEqual({
      added: [],
      changed: [],
      moved: [],
      renamed: [],
      retired: [],
      orphaned: [],
      ...changes,
    })
  })

  it('tell what vanished without a word as orphaned', async () => {
    const { changes } = await resolved('traits: { plan: plan }\n')

    expect(changes.orphaned.map(({ id }) => id)).toEqual(['shop:traits.tier'])
  })

  it('keep the column of a slot, and take none that was ever used', async () => {
    const before = (await resolved('traits: { plan: plan, tier: tier }\n')).registry
    const after = (await resolved('traits: { plan: plan, city: home_city }\n')).registry

    expect(after.slice(0, before.length)).toEqual(before)
    expect(new Set(after.map(({ number }) => number)).size).toBe(after.length)
  })

  it('have history read again for what is backfilled and new, and for nothing else', async () => {
    const { history } = await resolved(
      'backfill: true\ntraits: { plan: { attribute: plan, backfill: false }, city: home_city }\n',
    )

    expect([...history]).toEqual([['engage', ['shop:traits.city']]])
  })
})

describe('a run without some syncs', () => {
  const unselected = [{ name: 'other', source: 'engage' }]

  it('leaves the positions of sources they read, too', async () => {
    const mappings = await resolved('traits: { plan: plan }\n')

    expect(ownSources(mappings, { unselected: [] })).toEqual(['engage'])
    expect(ownSources(mappings, { unselected })).toEqual([])
  })

  it('counts only mappings of syncs that are gone as missing what it reads', async () => {
    const mappings = await bench.withStore((store) =>
      resolveMappings(store, compile({ other: 'traits: { plan: other_plan }\n' }), { nowMs: NOW }),
    )
    const gone = missedMappings(mappings, { unselected: [] }).map(({ id }) => id)

    expect(gone.toSorted()).toEqual(['shop:traits.plan', 'shop:traits.tier'])
    expect(missedMappings(mappings, { unselected: [{ name: 'shop', source: 'engage' }] })).toEqual(
      [],
    )
  })
})
