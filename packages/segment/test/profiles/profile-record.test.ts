import { describe, expect, it } from 'vitest'
import { decodeRecord } from '../../src/index.ts'
import { profileRecords } from '../../src/profiles/profile-record.ts'

const timestamp = '2026-01-05T10:00:00.000Z'
const vip = { kind: 'audience', key: 'vip', value: true, timestamp } as const

describe('profileRecords', () => {
  it('writes the identify call Engage would send', () => {
    const identifiers = [
      { type: 'user_id', id: 'u_1' },
      { type: 'email', id: 'old@example.com' },
      { type: 'email', id: 'new@example.com' },
      { type: 'anonymous_id', id: 'a_1' },
      { type: 'crm_id', id: 'c_1' },
    ]

    const [record] = profileRecords(identifiers, [vip])

    expect(JSON.parse(record)).toEqual({
      type: 'identify',
      userId: 'u_1',
      anonymousId: 'a_1',
      timestamp,
      context: {
        personas: { computation_class: 'audience', computation_key: 'vip' },
        traits: { email: 'new@example.com' },
        externalIds: [
          { id: 'c_1', type: 'crm_id', collection: 'users', encoding: 'none' },
          { id: 'a_1', type: 'anonymous_id', collection: 'users', encoding: 'none' },
          { id: 'new@example.com', type: 'email', collection: 'users', encoding: 'none' },
          { id: 'old@example.com', type: 'email', collection: 'users', encoding: 'none' },
        ],
      },
      traits: { vip: true },
    })
  })

  it('writes one call per user id', () => {
    const records = profileRecords(
      [
        { type: 'user_id', id: 'u_1' },
        { type: 'user_id', id: 'u_2' },
      ],
      [vip, { ...vip, key: 'other' }],
    )

    expect(records.map((record) => (JSON.parse(record) as { userId: string }).userId)).toEqual([
      'u_1',
      'u_1',
      'u_2',
      'u_2',
    ])
  })

  it('writes a user without a user id by its other identifiers', () => {
    const [record] = profileRecords([{ type: 'email', id: 'a@example.com' }], [vip])

    expect(JSON.parse(record)).not.toHaveProperty('userId')
    expect(record).toContain('"email":"a@example.com"')
  })

  it('keeps a trait named __proto__ as data', () => {
    const [record] = profileRecords(
      [{ type: 'user_id', id: 'u_1' }],
      [{ ...vip, kind: 'trait', key: '__proto__', value: 7 }],
    )

    expect(record).toContain('"traits":{"__proto__":7}')
  })
})

describe('what profileRecords writes', () => {
  it.each([
    ['audience', true],
    ['audience', null],
    ['trait', 7.5],
    ['trait', ['a', 'b']],
    ['trait', null],
  ] as const)('decodes to one change without enrichment: %s %j', (kind, value) => {
    const identifiers = [
      { type: 'user_id', id: 'u_1' },
      { type: 'email', id: 'a@example.com' },
      { type: 'crm_id', id: 'c_1' },
    ]

    const [record] = profileRecords(identifiers, [
      { kind, key: 'some_key', value, timestamp: '2026-01-05T10:00:00.123456Z' },
    ])

    expect(decodeRecord(JSON.parse(record))).toMatchObject({
      type: 'changes',
      changes: [
        {
          kind,
          key: 'some_key',
          value,
          time: Date.UTC(2026, 0, 5, 10, 0, 0, 123),
          identifiers: { userId: 'u_1', email: 'a@example.com' },
        },
      ],
    })
  })
})
