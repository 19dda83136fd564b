import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '@engage-sync/contract'
import { draftCases } from '../../src/cases/draft.ts'
import { Redactor } from '../../src/cases/redact.ts'
import { compileSync } from '../../src/mapping/compile.ts'
import { SHOP, loadSync } from './load.ts'

const sync = compileSync(loadSync(SHOP).sync)

const event = (
  over: Record<string, Json>,
  personas: Record<string, Json> = { computation_class: 'trait', computation_key: 'ltv' },
): Json => ({
  type: 'identify',
  userId: 'customer-4711',
  timestamp: '2026-01-05T10:00:00.000Z',
  context: { personas, ip: '203.0.113.9', traits: { email: 'grace@navy.mil' } },
  traits: { ltv: 7, email: 'grace@navy.mil', firstName: 'Grace', shoe_size: 38 },
  ...over,
})

describe('draftCases', () => {
  it('drafts one case a user, in order of time, that loads', () => {
    const records = [
      event({ timestamp: '2026-01-06T10:00:00.000Z', traits: { ltv: 9 } }),
      event({}),
      event(
        { userId: 'other', type: 'track', properties: { vip: true, audience_key: 'vip' } },
        { computation_class: 'audience', computation_key: 'vip' },
      ),
      event({ userId: 'third' }, { computation_class: 'trait', computation_key: 'unmapped' }),
      { type: 'page', userId: 'x' },
      'no event',
    ]
    const drafted = draftCases(
      [...records.slice(0, 3), event({ traits: { nothing: 1 } }), ...records.slice(4)],
      sync,
    )

    expect(drafted.cases).toEqual([
      {
        name: 'draft: u1 with ltv',
        now: '2026-01-07T00:00:00.000Z',
        user: 'u1',
        events: [
          {
            user: 'u1',
            email: 'person1@example.com',
            trait: { ltv: 7 },
            enrichment: { firstName: 'text1' },
            at: '2026-01-05T10:00:00.000Z',
          },
          {
            user: 'u1',
            email: 'person1@example.com',
            trait: { ltv: 9 },
            at: '2026-01-06T10:00:00.000Z',
          },
        ],
        expect: {},
      },
      {
        name: 'draft: u2 with vip',
        now: '2026-01-06T00:00:00.000Z',
        user: 'u2',
        events: [
          {
            user: 'u2',
            email: 'person1@example.com',
            audience: { vip: true },
            at: '2026-01-05T10:00:00.000Z',
            as: 'track',
          },
        ],
        expect: {},
      },
    ])
    expect(loadSync(SHOP, `cases: ${JSON.stringify(drafted.cases)}`).cases).toHaveLength(2)
  })

  it('keeps anonymous users anonymous, and stops at the limit', () => {
    const records = ['a', 'b', 'c'].map((anonymousId) => {
      const { userId: _, ...rest } = event({ anonymousId }) as Record<string, Json>
      return rest
    })

    expect(
      draftCases(records, sync, 2).cases.map(
        ({ events }) => (events![0] as { anonymous_id: string }).anonymous_id,
      ),
    ).toEqual(['a1', 'a2'])
  })

  it('knows personal values by the standard attribute they become, whatever they are called', () => {
    const german = compileSync(loadSync('traits: { vorname: first_name, ltv: ltv }').sync)
    const drafted = draftCases(
      [
        event(
          { traits: { vorname: 'Grace', ltv: 7 } },
          { computation_class: 'trait', computation_key: 'sql' },
        ),
      ],
      german,
    )

    expect(drafted.cases[0].events).toMatchObject([{ trait: { vorname: 'text1', ltv: 7 } }])
  })

  it('lets no identifier, address or name through', () => {
    const text = JSON.stringify(
      draftCases(
        [
          event({
            anonymousId: 'anon-99',
            traits: {
              ltv: 7,
              item: 'ask grace@navy.mil or +1 415 555 1234',
              firstName: 'Grace',
              address: { city: 'Arlington' },
            },
          }),
        ],
        sync,
      ),
    )

    for (const secret of [
      '4711',
      'anon-99',
      'grace',
      'navy',
      '415',
      'Grace',
      'Arlington',
      '203.0.113.9',
    ])
      expect(text).not.toContain(secret)
  })
})

describe('Redactor', () => {
  it.each<[string, Json, Json]>([
    ['item', 'Blue Sweater', 'Blue Sweater'],
    ['last_order_at', '2026-01-05T10:00:00Z', '2026-01-05T10:00:00Z'],
    ['amount', 1234567.5, 1234567.5],
    ['product_id', 'SKU-1234', 'SKU-1234'],
    ['product_name', 'Mug', 'Mug'],
    ['last_ip', 'unknown', 'text1'],
    ['note', 'mail Ada.L@example.org', 'mail person1@example.com'],
    ['device', '550e8400-e29b-41d4-a716-446655440000', '00000000-0000-4000-8000-000000000001'],
    ['seen_from', '203.0.113.9', '192.0.2.1'],
    ['contact', '+49 (30) 1234567', '+15550100001'],
    ['lastName', 'Hopper', 'text1'],
    ['dob', '1906-12-09', '1990-01-01'],
    ['address', { street: 'Main 1', geo: { lat: 52.5 } }, { street: 'text1', geo: { lat: 0 } }],
    ['tags', ['a', 'x@y.de'], ['a', 'person1@example.com']],
  ])('turns %s: %j into %j', (name, value, expected) => {
    expect(new Redactor().value(name, value)).toEqual(expected)
  })

  it('replaces the same by the same, and different by different', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 20 }), (ids) => {
        const redactor = new Redactor()
        const standIns = ids.map((id) => redactor.user(id))

        expect(new Set(standIns).size).toBe(new Set(ids).size)
        expect(ids.map((id) => redactor.user(id))).toEqual(standIns)
      }),
      { numRuns: 100 },
    )
  })
})
