import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileSync, loadConfig, MemoryRun } from '../../src/index.ts'
import type { MemoryResult, MemoryUpdate } from '../../src/index.ts'
import { createTestDecoder } from '../simple-decoder.ts'
import type { TestRecord } from '../simple-decoder.ts'

const PROJECT =
  'version: 1\nenvironments:\n  local:\n    braze: { endpoint: simulator }\n    sources: { engage: { events: data } }\n'
const SYNC = `version: 1
source: engage
traits:
  plan: plan
  worth: { attribute: worth, type: number, event: Worth Computed }
  colours: colours
  prefs: prefs
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, more_than: 5 }, { audience: vip, equals: true }] }, cohort: Rich }
  busy: { when: { event: Worth Computed, more_than: 1 }, attribute: busy }
  poor: { when: { all: [{ trait: worth, less_than: 3 }, { audience: vip, equals: true }] }, cohort: Poor }
`
const NOW = Date.parse('2026-03-01T12:00:00Z')

const loaded = loadConfig([
  { path: 'configs/engage-sync.yaml', text: PROJECT },
  { path: 'configs/laws.yaml', text: SYNC },
])
const compiled = loaded.syncs.map((sync) => compileSync(sync))

function newRun(bornAtMs?: number): MemoryRun {
  return new MemoryRun({ syncs: compiled, createDecoder: createTestDecoder, nowMs: NOW, bornAtMs })
}

const texts = (records: readonly TestRecord[]) => records.map((record) => JSON.stringify(record))
const userText = (update: MemoryUpdate) => JSON.stringify(update.user)
const byUser = (result: MemoryResult) =>
  [...result.updates].sort((a, b) => (userText(a) < userText(b) ? -1 : 1))

const value = fc.oneof(
  fc.record({ plan: fc.oneof(fc.constantFrom('free', 'pro', 'ünï', ''), fc.constant(null)) }),
  fc.record({
    worth: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(1.5, '7', null, 'many')),
  }),
  fc.record({
    prefs: fc.constantFrom({ a: 1 }, { a: 1, b: null }, { b: null }, [{ b: null }], {}),
  }),
  fc.record({ colours: fc.array(fc.constantFrom('red', 'blue'), { maxLength: 3 }) }),
)
const record: fc.Arbitrary<TestRecord> = fc.oneof(
  fc.record({
    user: fc.constantFrom('u1', 'u2', 'u3'),
    at: fc.integer({ min: NOW - 50, max: NOW - 1 }),
    trait: value,
  }),
  fc.record({
    user: fc.constantFrom('u1', 'u2', 'u3'),
    at: fc.integer({ min: NOW - 50, max: NOW - 1 }),
    audience: fc.record({ vip: fc.boolean() }),
  }),
)
const records = fc.array(record, { maxLength: 40 })

/**
 * The first place from a cut on that no instant is cut at: of two values of one instant the larger
 * alone is an event.
 */
function betweenInstants(inTime: readonly { readonly at: number }[], cut: number): number {
  const edge = inTime.findIndex(({ at }, index) => index >= cut && at !== inTime[index - 1]?.at)
  return edge < 0 ? inTime.length : edge
}

describe('laws of the fold', () => {
  it('stands on a valid configuration', () => {
    expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  })

  it('sends the same whatever the order of the records', () => {
    fc.assert(
      fc.property(
        records,
        fc.infiniteStream(fc.nat()),
        fc.constantFrom(undefined, NOW - 25, NOW),
        (list, numbers, born) => {
          const shuffled = list
            .map((item) => ({ item, key: numbers.next().value as number }))
            .sort((a, b) => a.key - b.key)

          const straight = byUser(newRun(born).batch(texts(list)))
          const mixed = byUser(newRun(born).batch(texts(shuffled.map(({ item }) => item))))

          expect(mixed).toEqual(straight)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('sends nothing when the same records come again', () => {
    fc.assert(
      fc.property(records, (list) => {
        const run = newRun()
        run.batch(texts(list))

        const again = run.batch(texts(list))

        expect(again.updates).toEqual([])
        expect(again.folder.totals.records[5]).toBe(0)
      }),
      { numRuns: 100 },
    )
  })

  it('ends with the same attributes and memberships however the records are cut into runs', () => {
    fc.assert(
      fc.property(records, fc.nat({ max: 40 }), (list, cut) => {
        const inTime = [...list].sort((a, b) => a.at - b.at)
        const edge = betweenInstants(inTime, cut)
        const whole = newRun()
        whole.batch(texts(inTime))
        const parts = newRun()
        parts.batch(texts(inTime.slice(0, edge)))
        const last = parts.batch(texts(inTime.slice(edge)))

        expect(last.segments).toEqual(whole.batch([]).segments)
        expect(whole.batch(texts(inTime)).updates).toEqual([])
        expect(parts.batch(texts(inTime)).updates).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  it('gives every record exactly one class', () => {
    fc.assert(
      fc.property(records, (list) => {
        const { folder } = newRun().batch(texts(list))

        expect([...folder.totals.records].reduce((sum, count) => sum + count, 0)).toBe(list.length)
        expect([...folder.counts[0].records].reduce((sum, count) => sum + count, 0)).toBe(
          list.length,
        )
      }),
      { numRuns: 100 },
    )
  })
})

describe('what is sent', () => {
  it('sends one event per accepted change, in event-time order', () => {
    const { updates } = newRun().batch(
      texts([
        { user: 'u1', at: NOW - 3, trait: { worth: 2 } },
        { user: 'u1', at: NOW - 9, trait: { worth: 1 } },
        { user: 'u1', at: NOW - 5, trait: { worth: 1 } },
      ]),
    )

    expect(updates[0].events.map(({ properties }) => properties)).toEqual([
      { trait_key: 'worth', worth: 1 },
      { trait_key: 'worth', worth: 2 },
    ])
  })

  it('sends at most one event for history, the latest', () => {
    const { updates } = newRun(NOW).batch(
      texts([
        { user: 'u1', at: NOW - 9, trait: { worth: 1 } },
        { user: 'u1', at: NOW - 3, trait: { worth: 2 } },
      ]),
    )

    expect(updates[0].events).toHaveLength(1)
    expect(updates[0].events[0]['time']).toBe(new Date(NOW - 3).toISOString())
  })

  it('sends neither event nor removal for a first false', () => {
    const { updates } = newRun().batch(
      texts([{ user: 'u1', at: NOW - 9, audience: { vip: false } }]),
    )

    expect(updates).toMatchObject([{ attributes: { vip: false }, events: [], memberships: [] }])
  })

  it('takes an element out of an array only for who was in it', () => {
    const text =
      'version: 1\nsource: engage\naudiences:\n  vip: { attribute: { name: flags, element: vip } }\n'
    const { syncs } = loadConfig([
      { path: 'configs/engage-sync.yaml', text: PROJECT },
      { path: 'configs/flags.yaml', text },
    ])
    const run = new MemoryRun({
      syncs: syncs.map((sync) => compileSync(sync)),
      createDecoder: createTestDecoder,
      nowMs: NOW,
    })
    const say = (vip: boolean, at: number) =>
      run.batch(texts([{ user: 'u1', at, audience: { vip } }])).updates

    expect(say(false, 1)).toEqual([])
    expect(say(true, 2)).toMatchObject([{ attributes: { flags: { add: ['vip'] } } }])
    expect(say(false, 3)).toMatchObject([{ attributes: { flags: { remove: ['vip'] } } }])
  })

  it('sends nothing for a null never sent before, and unsets what was sent', () => {
    const run = newRun()

    expect(run.batch(texts([{ user: 'u1', at: 1, trait: { plan: null } }])).updates).toEqual([])
    run.batch(texts([{ user: 'u1', at: 2, trait: { plan: 'pro' } }]))
    expect(run.batch(texts([{ user: 'u1', at: 3, trait: { plan: null } }])).updates).toMatchObject([
      { attributes: { plan: null } },
    ])
  })

  it('sends nothing when a value ends where it began', () => {
    const run = newRun()
    run.batch(texts([{ user: 'u1', at: 1, trait: { plan: 'pro' } }]))

    const { updates } = run.batch(
      texts([
        { user: 'u1', at: 2, trait: { plan: 'free' } },
        { user: 'u1', at: 3, trait: { plan: 'pro' } },
      ]),
    )

    expect(updates).toEqual([])
  })

  it('rejects a value that cannot be cast, and keeps the others', () => {
    const { updates, rejected } = newRun().batch(
      texts([{ user: 'u1', at: 1, trait: { worth: 'many', plan: 'pro' } }]),
    )

    expect(rejected).toMatchObject([{ mapping: 'laws:traits.worth', record: 0 }])
    expect(updates).toMatchObject([{ attributes: { plan: 'pro' } }])
  })
})
