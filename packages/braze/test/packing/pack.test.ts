import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PackedRequest, Packer, Update } from '@engage-sync/contract'
import { LIMITS } from '../../src/limits.ts'
import { createPacker, newPackingState } from '../../src/packing/pack.ts'
import type { BatchMode } from '../../src/packing/pack.ts'
import { alias, objectsIn, update, userOf } from '../updates.ts'

function packAll(packer: Packer, updates: readonly Update[]): readonly PackedRequest[] {
  return [...updates.flatMap((each) => packer.add(each)), ...packer.flush()]
}

const users = (count: number) =>
  Array.from({ length: count }, (_, ref) => update(ref, { attributes: `"ltv":${ref}` }))
const sizes = (requests: readonly PackedRequest[]) => requests.map(({ parts }) => parts.length)

describe('createPacker', () => {
  it('gives nothing for nothing', () => {
    const packer = createPacker('combined')

    expect(packAll(packer, [])).toEqual([])
    expect(packAll(packer, [update(1, {})])).toEqual([])
    expect(packer.takeUnpackable()).toEqual([])
  })

  it('writes one object as Braze wants it', () => {
    const [request] = packAll(createPacker('combined'), [
      update(7, { attributes: '"ltv":1.50,"vip":true', events: 1, createUser: false }),
    ])

    expect(Buffer.from(request.body).toString('utf8')).toBe(
      '{"attributes":[{"external_id":"user-7","_update_existing_only":true,"ltv":1.50,"vip":true}],' +
        '"events":[{"external_id":"user-7","_update_existing_only":true,"name":"Trait Computed","time":"2026-01-01T00:00:00.000Z","properties":{"number":0}}]}',
    )
    expect(request).toMatchObject({ id: 1, path: '/users/track', after: null, needsMark: true })
    expect(request.parts).toEqual([
      { update: 7, kind: 'attributes', ref: -1 },
      { update: 7, kind: 'event', ref: 0 },
    ])
  })

  it.each([
    [74, [74]],
    [75, [75]],
    [76, [75, 1]],
    [150, [75, 75]],
    [151, [75, 75, 1]],
  ])('fills combined requests to exactly 75: %i objects', (count, expected) => {
    expect(sizes(packAll(createPacker('combined'), users(count)))).toEqual(expected)
  })

  it('hands a request out as soon as it is full', () => {
    const packer = createPacker('combined')

    const requests = users(75).map((each) => packer.add(each).length)

    expect(requests.indexOf(1)).toBe(74)
    expect(packer.flush()).toEqual([])
  })

  it('counts attributes and events together, or per array', () => {
    const both = Array.from({ length: 75 }, (_, ref) =>
      update(ref, { attributes: '"a":1', events: 1 }),
    )

    expect(sizes(packAll(createPacker('combined'), both))).toEqual([74, 74, 2])
    expect(sizes(packAll(createPacker('per_array'), both))).toEqual([150])
  })

  it('fills the gaps that large users leave with small ones', () => {
    const sizes = [40, 30, 20, 5, 3, 1]
    const mixed = Array.from({ length: 300 }, (_, ref) =>
      update(ref, { events: sizes[ref % sizes.length] }),
    )
    const objects = mixed.reduce((sum, each) => sum + each.events.length, 0)

    const requests = packAll(createPacker('combined'), mixed)

    expect(requests.length).toBeLessThanOrEqual(Math.ceil(objects / 75) * 1.02)
  })

  it('uses the bulk endpoint with at most 1,000 objects', () => {
    const requests = packAll(createPacker('bulk'), users(1001))

    expect(sizes(requests)).toEqual([1000, 1])
    expect(requests[0].path).toBe('/users/track/bulk')
  })

  it('keeps at most 100 objects of one profile in a bulk request', () => {
    const requests = packAll(createPacker('bulk'), [
      update(1, { attributes: '"a":1', events: 250 }),
    ])

    expect(sizes(requests)).toEqual([100, 100, 51])
    expect(requests.map(({ after }) => after)).toEqual([null, 1, 2])
  })

  it('chains the requests of a user too large for one, attributes first', () => {
    const [first, second, ...others] = packAll(createPacker('combined'), [
      update(1, { attributes: '"a":1', events: 100 }),
      update(2, { attributes: '"a":1' }),
    ])

    expect([first.parts.length, second.parts.length]).toEqual([75, 26])
    expect(first.parts[0].kind).toBe('attributes')
    expect([first.after, second.after]).toEqual([null, first.id])
    expect(others.map(({ parts, after }) => [parts.length, after])).toEqual([[1, null]])
  })

  it('gives a user that comes again a later request, after the earlier one', () => {
    const again = [
      update(1, { attributes: '"a":1' }),
      update(2, { attributes: '"a":1' }),
      update(1, { attributes: '"b":2' }),
    ]

    const [first, second] = packAll(createPacker('combined'), again)

    expect([first.parts.length, second.parts.length]).toEqual([2, 1])
    expect(second.after).toBe(first.id)
  })

  it('lets users that wait for the same request share one', () => {
    const packer = createPacker('combined')
    const round = () => Array.from({ length: 75 }, (_, ref) => update(ref, { attributes: '"a":1' }))

    const requests = packAll(packer, [...round(), ...round()])

    expect(requests.map(({ parts, after }) => [parts.length, after])).toEqual([
      [75, null],
      [75, 1],
    ])
  })

  it('knows users in flight from another packer of the same destination', () => {
    const state = newPackingState()
    const [first] = packAll(createPacker('combined', state), users(1))

    const [second] = packAll(createPacker('combined', state), users(1))
    state.inFlight.answered(first.id)
    const [third] = packAll(createPacker('combined', state), users(1))
    state.inFlight.answered(second.id)
    state.inFlight.answered(third.id)
    const [fourth] = packAll(createPacker('combined', state), users(1))

    expect([first.id, second.id, second.after]).toEqual([1, 2, 1])
    expect([third.id, third.after]).toEqual([3, 2])
    expect([fourth.id, fourth.after]).toEqual([4, null])
  })

  it.each([
    ['"ltv":1', 0, false],
    ['"ltv":1', 1, true],
    ['"visits":{"inc":1}', 0, true],
    ['"segments":{"add":["vip"]}', 0, true],
    ['"note":{"add":"text"}', 0, false],
  ])('marks what must not be repeated: %s with %i events', (attributes, events, needsMark) => {
    expect(
      packAll(createPacker('combined'), [update(1, { attributes, events })])[0].needsMark,
    ).toBe(needsMark)
  })

  it('starts every request without a mark', () => {
    const requests = packAll(createPacker('combined'), [update(9, { events: 75 }), ...users(3)])

    expect(requests.map(({ needsMark }) => needsMark)).toEqual([true, false])
  })

  it.each([
    ['ASCII', 'x', 1],
    ['three bytes a character', '漢', 3],
    ['four bytes a pair', '😀', 4],
  ])('measures a single event in UTF-8: %s', (_, character, bytes) => {
    const frame = Buffer.byteLength('{"external_id":"user-1","a":""}')
    const count = Math.floor((LIMITS.eventBytes - frame) / bytes)
    const packer = createPacker('combined')
    const event = (length: number) => [`"a":"${character.repeat(length)}"`]

    const fitting = packAll(packer, [update(1, { events: event(count) })])
    expect(sizes(fitting)).toEqual([1])
    expect(packer.takeUnpackable()).toEqual([])
    const tooLarge = packAll(packer, [update(1, { attributes: '"a":1', events: event(count + 1) })])

    expect(tooLarge.flatMap(({ parts }) => parts)).toEqual([
      { update: 1, kind: 'attributes', ref: -1 },
    ])
    const measured = frame + (count + 1) * bytes
    const message = `One object has ${measured} bytes; Braze takes at most 102400`
    expect(packer.takeUnpackable()).toEqual([
      {
        part: { update: 1, kind: 'event', ref: 0 },
        outcome: { status: 'rejected', rejection: { code: 'BRAZE_ITEM_TOO_LARGE', message } },
      },
    ])
    expect(packer.takeUnpackable()).toEqual([])
  })

  it.each([
    ['combined', LIMITS.bodyBytes],
    ['bulk', LIMITS.bulkBodyBytes],
  ] as const)(
    "takes a user's attributes up to the body, and refuses what no body holds: %s",
    (mode, limit) => {
      const packer = createPacker(mode)
      const attributes = (bytes: number) => `"a":"${'x'.repeat(bytes)}"`

      const [request] = packAll(packer, [update(1, { attributes: attributes(limit - 200) })])
      expect(request.body.byteLength).toBeLessThanOrEqual(limit)
      expect(packer.takeUnpackable()).toEqual([])

      expect(packAll(packer, [update(2, { attributes: attributes(limit) })])).toEqual([])
      expect(packer.takeUnpackable()).toMatchObject([
        { outcome: { rejection: { code: 'BRAZE_ITEM_TOO_LARGE' } } },
      ])
    },
  )

  it.each([
    ['combined', LIMITS.bodyBytes],
    ['per_array', LIMITS.bodyBytes],
    ['bulk', LIMITS.bulkBodyBytes],
  ] as const)('fills %s bodies up to the limit of bytes, and never beyond', (mode, limit) => {
    const large = (ref: number) =>
      update(ref, {
        attributes: `"a":"${'é'.repeat(40_000)}"`,
        events: [`"name":"${'漢'.repeat(33_000)}"`],
      })
    const requests = packAll(
      createPacker(mode),
      Array.from({ length: 60 }, (_, ref) => large(ref)),
    )

    for (const { body } of requests) expect(body.length).toBeLessThanOrEqual(limit)
    for (const { body } of requests.slice(0, -1))
      expect(body.length).toBeGreaterThan(limit - 200_000)
  })
})

const LIMIT_OF: Readonly<Record<BatchMode, (attributes: number, events: number) => boolean>> = {
  combined: (attributes, events) => attributes + events <= 75,
  per_array: (attributes, events) => attributes <= 75 && events <= 75,
  bulk: (attributes, events) => attributes + events <= 1000,
}

const anyUser = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((number) => ({ externalId: `u${number}` })),
  fc.integer({ min: 0, max: 40 }).map((number) => alias(`a${number}`)),
)
const anyUpdates = fc
  .array(
    fc.record({
      user: anyUser,
      attributes: fc.option(
        fc.oneof(
          fc.constant('"a":1'),
          fc
            .string({ unit: 'grapheme', maxLength: 800 })
            .map((text) => `"t":${JSON.stringify(text)}`),
        ),
      ),
      events: fc.oneof({ weight: 9, arbitrary: fc.nat(4) }, fc.integer({ min: 60, max: 170 })),
      createUser: fc.boolean(),
    }),
    { maxLength: 120 },
  )
  .map((contents) => contents.map((content, ref) => update(ref, content)))

describe.each(['combined', 'per_array', 'bulk'] as const)('%s packing', (mode) => {
  it('loses nothing, doubles nothing, exceeds nothing and keeps order', () => {
    fc.assert(
      fc.property(anyUpdates, (updates) => {
        const requests = packAll(createPacker(mode), updates)
        const seen = new Map<string, number>()
        const lastOf = new Map<
          string,
          { readonly request: number; readonly update: number; readonly ref: number }
        >()
        requests.forEach((request, index) => {
          expect(request.id).toBe(index + 1)
          const objects = objectsIn(request)
          expect(objects).toHaveLength(request.parts.length)
          const attributes = request.parts.filter(({ kind }) => kind === 'attributes').length
          expect(LIMIT_OF[mode](attributes, request.parts.length - attributes)).toBe(true)
          expect(request.parts.findLastIndex(({ kind }) => kind === 'attributes')).toBe(
            attributes - 1,
          )
          const perUser = new Map<string, number>()
          request.parts.forEach((part, at) => {
            const user = userOf(objects[at].object)
            const source = updates[part.update]
            expect(objects[at].array).toBe(part.kind === 'attributes' ? 'attributes' : 'events')
            expect(
              JSON.parse(
                `{${part.kind === 'attributes' ? source.attributes : source.events[part.ref].members}}`,
              ),
            ).toEqual(withoutIdentity(objects[at].object))
            const key = `${part.update} ${part.kind} ${part.ref}`
            seen.set(key, (seen.get(key) ?? 0) + 1)
            perUser.set(user, (perUser.get(user) ?? 0) + 1)
            const last = lastOf.get(user)
            // Order: a user's later objects never stand before its earlier ones, and a later
            // request waits for the earlier.
            if (last !== undefined && last.request === request.id)
              expect(part.ref).toBeGreaterThan(last.ref)
            if (last !== undefined && last.request !== request.id)
              expect(request.after).toBeGreaterThanOrEqual(last.request)
            expect(part.update).toBeGreaterThanOrEqual(last?.update ?? 0)
            lastOf.set(user, { request: request.id, update: part.update, ref: part.ref })
          })
          if (mode === 'bulk')
            for (const count of perUser.values()) expect(count).toBeLessThanOrEqual(100)
        })
        expect([...seen.values()].every((count) => count === 1)).toBe(true)
        expect(seen.size).toBe(
          updates.reduce(
            (sum, each) => sum + (each.attributes === null ? 0 : 1) + each.events.length,
            0,
          ),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('keeps a user that fits in one request', () => {
    fc.assert(
      fc.property(anyUpdates, (updates) => {
        const requestsOf = new Map<number, Set<number>>()
        for (const { id, parts } of packAll(createPacker(mode), updates)) {
          for (const part of parts)
            requestsOf.set(part.update, (requestsOf.get(part.update) ?? new Set()).add(id))
        }
        for (const each of updates) {
          if (
            LIMIT_OF[mode](each.attributes === null ? 0 : 1, each.events.length) &&
            each.events.length < 75
          )
            expect(requestsOf.get(each.ref)?.size ?? 1).toBe(1)
        }
      }),
      { numRuns: 30 },
    )
  })
})

function withoutIdentity(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const {
    external_id: _externalId,
    user_alias: _alias,
    _update_existing_only: _option,
    ...rest
  } = object
  return rest
}
