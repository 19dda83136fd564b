import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { JsonObject } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { demoDays, PICTURED_USER } from '../../src/events/demo.ts'
import { generateEvents, generateObjects } from '../../src/events/generate.ts'
import type { GenerateOptions } from '../../src/events/generate.ts'
import { ksuid } from '../../src/events/ksuid.ts'
import { Random } from '../../src/random/random.ts'

const options = { events: 3000, users: 200, seed: 5 }

interface Event {
  readonly type: string
  readonly userId?: string
  readonly anonymousId?: string
  readonly timestamp: string
  readonly messageId: string
  readonly context: {
    readonly personas: { readonly computation_key: string; readonly computation_class: string }
    readonly traits?: { readonly email: string }
  }
  readonly traits?: JsonObject
  readonly properties?: JsonObject
}

const eventsOf = (lines: Iterable<string>): readonly Event[] =>
  [...lines].map((line) => JSON.parse(line) as Event)
const valueOf = ({ traits, properties, context }: Event): unknown =>
  (traits ?? properties ?? {})[context.personas.computation_key]

describe('generateEvents', () => {
  it('gives the same lines for the same seed, and others for another', () => {
    expect([...generateEvents(options)]).toEqual([...generateEvents(options)])
    expect([...generateEvents(options)]).not.toEqual([...generateEvents({ ...options, seed: 6 })])
  })

  it('gives as many as asked for', () => {
    for (const events of [0, 1, 10, 1000])
      expect([...generateEvents({ ...options, events })]).toHaveLength(events)
  })

  it('follows the captured envelope', () => {
    for (const event of generateObjects(options)) {
      expect(event).toMatchObject({
        sentAt: null,
        integrations: { All: false, Warehouses: { all: false } },
        context: { integrations: { personas: false } },
      })
      expect(event.messageId).toMatch(/^personas_[0-9A-Za-z]{27}$/u)
      expect(event.originalTimestamp).toMatch(/\.\d{9}Z$/u)
      expect(event.type === 'track' ? 'properties' in event : 'traits' in event).toBe(true)
    }
  })

  it('has every kind of event and value', () => {
    const events = eventsOf(generateEvents(options))
    const types = new Set(
      events.map((event) =>
        valueOf(event) === null
          ? 'null'
          : Array.isArray(valueOf(event))
            ? 'array'
            : typeof valueOf(event),
      ),
    )

    expect([...types].toSorted()).toEqual([
      'array',
      'boolean',
      'null',
      'number',
      'object',
      'string',
      'undefined',
    ])
    expect(new Set(events.map(({ context }) => context.personas.computation_class))).toEqual(
      new Set(['audience', 'trait', 'computed_trait', 'journey_step']),
    )
    expect(
      events.some(({ type, context }) => type === 'track' && context.traits?.email !== undefined),
    ).toBe(true)
    expect(
      events.some(({ userId, anonymousId }) => userId === undefined && anonymousId !== undefined),
    ).toBe(true)
    expect(
      events.some(({ userId, anonymousId }) => userId === undefined && anonymousId === undefined),
    ).toBe(true)
    expect(new Set(events.map(({ messageId }) => messageId)).size).toBe(events.length)
  })

  it('has late arrivals, values sent again, and entries and exits of one user', () => {
    const events = eventsOf(generateEvents({ ...options, events: 20_000 }))
    const late = events.filter(
      ({ timestamp }, index) => index > 0 && timestamp < events[index - 1].timestamp,
    )
    const seen = new Map<string, Set<unknown>>()
    let again = 0
    for (const event of events) {
      const key = `${event.userId} ${event.context.personas.computation_key}`
      const values = seen.get(key) ?? new Set()
      if (values.has(JSON.stringify(valueOf(event)))) again++
      seen.set(key, values.add(JSON.stringify(valueOf(event))))
    }

    expect(late.length).toBeGreaterThan(100)
    expect(again).toBeGreaterThan(1000)
    expect(
      [...seen].some(([key, values]) => key.endsWith('dormant_shopper') && values.size === 2),
    ).toBe(true)
  })

  it('changes this share of values in a later file, and no other', () => {
    const drawn = (more: Partial<GenerateOptions>) =>
      generateObjects({ ...options, late: 0, ...more }) as Iterable<unknown> as Iterable<Event>
    const last = new Map<string, string>()
    for (const event of drawn({ events: 40_000 })) {
      last.set(
        `${event.userId} ${event.context.personas.computation_key}`,
        JSON.stringify(valueOf(event)),
      )
    }
    const later = (change: number): number => {
      const known = [...drawn({ events: 20_000, change, copies: 0 })].filter(
        (event) =>
          event.userId !== undefined &&
          valueOf(event) !== undefined &&
          typeof valueOf(event) === 'number',
      )
      const changed = known.filter(
        (event) =>
          last.get(`${event.userId} ${event.context.personas.computation_key}`) !==
          JSON.stringify(valueOf(event)),
      )
      return changed.length / known.length
    }

    expect(later(0)).toBeLessThan(0.02)
    const fifth = later(0.2)
    expect(fifth).toBeGreaterThan(0.15)
    expect(fifth).toBeLessThan(0.27)
  })
})

describe('the committed sample', () => {
  it('is what the generator writes', () => {
    for (const { name, events } of demoDays()) {
      const committed = gunzipSync(
        readFileSync(new URL(`../../../../data/engage/${name}.ndjson.gz`, import.meta.url)),
      ).toString('utf8')
      expect(committed).toBe(events.map((event) => `${JSON.stringify(event)}\n`).join(''))
    }
  })

  it('has the pictured user, whose values come once or unchanged', () => {
    const events = demoDays().flatMap(({ events: ofDay }) => ofDay as unknown as Event[])
    const ofUser = events.filter(({ userId }) => userId === PICTURED_USER.userId)
    const valuesOf = (key: string): unknown[] =>
      ofUser.filter(({ context }) => context.personas.computation_key === key).map(valueOf)

    expect(valuesOf('last_product_viewed_item')).toEqual(['Jeans', 'Sweater', 'Sweater'])
    expect(new Set(valuesOf('lifetime_value'))).toEqual(new Set([182.5]))
    expect(new Set(valuesOf('dormant_shopper'))).toEqual(new Set([true]))
  })
})

describe('ksuid', () => {
  it('sorts by time', () => {
    const random = new Random(1)
    const ids = [1, 2, 3, 4].map((day) => ksuid(Date.UTC(2026, 0, day), random))

    expect(ids).toEqual(ids.toSorted())
    expect(ids.every((id) => /^[0-9A-Za-z]{27}$/u.test(id))).toBe(true)
  })
})
