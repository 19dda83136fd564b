import { describe, expect, it } from 'vitest'
import { caseRecords } from '../../src/cases/records.ts'
import { eventTimes } from '../../src/cases/times.ts'
import { caseUsers } from '../../src/model/case-users.ts'
import { loadCase, loadSync, SHOP } from './load.ts'

const NOW = Date.parse('2026-01-15T00:00:00Z')

function records(body: string, identity = '') {
  const { sync } = loadSync(`${identity}${SHOP}`)
  return caseRecords(loadCase(`${body}\nexpect: {}`), sync.identity)
}

describe('caseRecords', () => {
  it('writes a trait as an identify call of its computation', () => {
    expect(records('events: [{ trait: { ltv: 7 }, email: a@example.com }]')).toMatchObject([
      {
        type: 'identify',
        userId: 'u1',
        timestamp: '2026-01-14T23:59:59.000Z',
        sentAt: null,
        context: {
          personas: { computation_class: 'trait', computation_key: 'ltv' },
          integrations: { personas: false },
        },
        traits: { ltv: 7, email: 'a@example.com' },
      },
    ])
  })

  it('writes an audience as a track call, with the name of its direction', () => {
    const [entered, exited] = records(
      'events:\n  - { audience: { vip: true }, as: track, email: a@example.com }\n  - { audience: { vip: false }, as: track }',
    )

    expect(entered).toMatchObject({
      type: 'track',
      event: 'Audience Entered',
      properties: { audience_key: 'vip', vip: true },
      context: {
        personas: { computation_class: 'audience', computation_key: 'vip' },
        traits: { email: 'a@example.com' },
      },
    })
    expect(exited).toMatchObject({ event: 'Audience Exited', properties: { vip: false } })
  })

  it('puts several traits into one row, named by none of them', () => {
    const [row, ...others] = records('events: [{ trait: { ltv: 7, item: Mug } }]')

    expect(others).toEqual([])
    expect(row['traits']).toEqual({ ltv: 7, item: 'Mug' })
    expect(Object.keys(row['traits'] as object)).not.toContain(
      (row['context'] as { personas: { computation_key: string } }).personas.computation_key,
    )
  })

  it('writes one call for each audience', () => {
    expect(
      records('events: [{ audience: { vip: true, other: null } }]').map(({ traits }) => traits),
    ).toEqual([{ vip: true }, { other: null }])
  })

  it('nests dotted enrichment beside the computation', () => {
    const [record] = records(
      'events: [{ trait: { ltv: 7 }, enrichment: { firstName: Ada, address.city: London } }]',
    )

    expect(record['traits']).toEqual({ ltv: 7, firstName: 'Ada', address: { city: 'London' } })
  })

  it('passes raw events as they are', () => {
    expect(records('events: [{ raw: { type: page, userId: x } }]')).toEqual([
      { type: 'page', userId: 'x' },
    ])
  })

  it('leaves out userId for anonymous events, and takes one that is written', () => {
    const [anonymous, both] = records(
      'events:\n  - { trait: { ltv: 1 }, anonymous_id: a1 }\n  - { trait: { ltv: 1 }, anonymous_id: a1, user: u9 }',
    )

    expect(anonymous).toMatchObject({ anonymousId: 'a1' })
    expect(anonymous).not.toHaveProperty('userId')
    expect(both).toMatchObject({ anonymousId: 'a1', userId: 'u9' })
  })

  it('gives every event a message id of its own, unless one is written', () => {
    const ids = records(
      'events:\n  - { audience: { vip: true, other: true } }\n  - { trait: { ltv: 1 } }\n  - { trait: { ltv: 1 }, message_id: m1 }',
    ).map(({ messageId }) => messageId)

    expect(new Set(ids).size).toBe(4)
    expect(ids[3]).toBe('m1')
  })

  it.each([
    [
      'externalIds.crm',
      {
        context: {
          externalIds: [{ type: 'crm', id: 'u1', collection: 'users', encoding: 'none' }],
        },
      },
    ],
    ['traits.customer.id', { traits: { customer: { id: 'u1' }, ltv: 1 } }],
  ])('names the user where identity %s looks', (rule, expected) => {
    expect(
      records('events: [{ trait: { ltv: 1 } }]', `identity: { external_id: ${rule} }\n`),
    ).toMatchObject([expected])
  })

  it('names the user by email where that is the identity', () => {
    expect(
      records(
        'user: ada@example.com\nevents: [{ trait: { ltv: 1 } }]',
        'identity: { external_id: email }\n',
      ),
    ).toMatchObject([{ traits: { email: 'ada@example.com' } }])
  })
})

describe('eventTimes', () => {
  const times = (...ats: (string | undefined)[]) =>
    eventTimes(ats.map((at) => (at === undefined ? {} : { at })) as never, NOW).map((time) =>
      new Date(time).toISOString().slice(11, 19),
    )

  it.each([
    [
      [undefined, undefined],
      ['23:59:58', '23:59:59'],
    ],
    [
      ['2026-01-14T10:00:00Z', undefined],
      ['10:00:00', '10:00:01'],
    ],
    [
      [undefined, '2026-01-14T10:00:00Z', undefined, undefined],
      ['09:59:59', '10:00:00', '10:00:01', '10:00:02'],
    ],
    [
      ['2026-01-14T10:00:00Z', undefined, '2026-01-14T09:00:00Z'],
      ['10:00:00', '10:00:01', '09:00:00'],
    ],
    [[], []],
  ])('of %j are %j', (ats, expected) => {
    expect(times(...(ats as string[]))).toEqual(expected)
  })
})

it.each([
  ['events: [{ trait: { ltv: 1 } }]', ['u1']],
  ['user: ada\nevents: []', ['ada']],
  [
    'events: [{ user: a, trait: { ltv: 1 } }, { user: b, trait: { ltv: 1 } }, { user: a, trait: { ltv: 2 } }]',
    ['a', 'b'],
  ],
  ['profiles: { z: {} }\nevents: [{ trait: { ltv: 1 }, anonymous_id: a1 }]', ['z', 'a1']],
  ['events: [{ raw: { userId: r } }]', ['r']],
  ['events: [{ raw: { userId: 42 } }]', ['42']],
])('the users of %j are %j', (body, users) => {
  const expectation = users.length > 1 ? 'expect: { rejected: [] }' : 'expect: {}'

  expect(caseUsers(loadCase(`${body}\n${expectation}`))).toEqual(users)
})
