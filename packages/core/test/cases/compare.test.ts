import { describe, expect, it } from 'vitest'
import { acceptResult } from '../../src/cases/accept.ts'
import { NOTHING_HAPPENED } from '../../src/cases/actual.ts'
import type { CaseActual, CaseResult } from '../../src/cases/actual.ts'
import { compareCase, differenceText } from '../../src/cases/compare.ts'
import { loadCase } from './load.ts'

const TIME = Date.parse('2026-01-14T10:00:00Z')

const actual = (over: Partial<CaseActual>): CaseActual => ({ ...NOTHING_HAPPENED, ...over })
const one = (over: Partial<CaseActual>): CaseResult => new Map([['u1', actual(over)]])
const caseOf = (expectation: string) =>
  loadCase(`events: [{ trait: { ltv: 1 } }]\nexpect: ${expectation}`)
const compare = (expectation: string, over: Partial<CaseActual>) =>
  compareCase(caseOf(expectation), one(over)).map(({ section, name, expected, actual: got }) => [
    section,
    name,
    expected,
    got,
  ])

describe('compareCase', () => {
  it.each<[string, Partial<CaseActual>]>([
    [
      '{}',
      { attributes: new Map([['ltv', 1]]), rejected: [{ code: 'X', key: null, message: '' }] },
    ],
    [
      '{ attributes: { ltv: 1, o: { b: 1, a: 2 } } }',
      {
        attributes: new Map<string, never>([
          ['o', { a: 2, b: 1 } as never],
          ['ltv', 1 as never],
        ]),
      },
    ],
    ['{ attributes: { ltv: null } }', { attributes: new Map([['ltv', null]]) }],
    [
      '{ events: [A, { name: B, time: 2026-01-14T10:00:00Z }, { name: C, properties: { x: 1 } }] }',
      { events: ['A', 'B', 'C'].map((name) => ({ name, time: TIME, properties: { x: 1 } })) },
    ],
    ['{ cohorts: { VIPs: add } }', { cohorts: new Map([['VIPs', 'add']]) }],
    ['{ cohorts: { VIPs: { add: [u1] } } }', { cohorts: new Map([['VIPs', 'add']]) }],
    ['{ segments: { fans: false } }', { segments: new Map([['other', true]]) }],
    ['{ segments: { fans: [u1] } }', { segments: new Map([['fans', true]]) }],
    [
      '{ subscription_groups: { g: subscribed } }',
      { subscriptionGroups: new Map([['g', 'subscribed']]) },
    ],
    [
      '{ rejected: [CAST_NUMBER, { code: X, key: ltv, user: u1 }] }',
      {
        rejected: [
          { code: 'X', key: 'ltv', message: '' },
          { code: 'CAST_NUMBER', key: 'item', message: '' },
        ],
      },
    ],
  ])('holds for %s', (expectation, over) => {
    expect(compare(expectation, over)).toEqual([])
  })

  it.each<[string, Partial<CaseActual>, unknown[]]>([
    [
      '{ attributes: { ltv: 1 } }',
      { attributes: new Map([['ltv', '1']]) },
      ['attributes', 'ltv', '1', '"1"'],
    ],
    ['{ attributes: { ltv: 1 } }', {}, ['attributes', 'ltv', '1', null]],
    [
      '{ attributes: {} }',
      { attributes: new Map([['ltv', null]]) },
      ['attributes', 'ltv', null, 'null'],
    ],
    ['{ events: [A] }', {}, ['events', 'A', '{"name":"A"}', null]],
    [
      '{ events: [] }',
      { events: [{ name: 'A', time: TIME, properties: {} }] },
      ['events', 'A', null, '{"name":"A","properties":{},"time":"2026-01-14T10:00:00.000Z"}'],
    ],
    [
      '{ events: [{ name: A, time: 2026-01-14T11:00:00Z }] }',
      { events: [{ name: 'A', time: TIME, properties: {} }] },
      [
        'events',
        'A',
        '{"name":"A","time":"2026-01-14T11:00:00Z"}',
        '{"name":"A","time":"2026-01-14T10:00:00.000Z"}',
      ],
    ],
    [
      '{ cohorts: { VIPs: add } }',
      { cohorts: new Map([['VIPs', 'remove']]) },
      ['cohorts', 'VIPs', '"add"', '"remove"'],
    ],
    ['{ segments: { fans: true } }', {}, ['segments', 'fans', 'true', 'false']],
    [
      '{ rejected: [] }',
      { rejected: [{ code: 'X', key: 'ltv', message: 'expected a number' }] },
      ['rejected', 'X', null, 'ltv: expected a number'],
    ],
    ['{ rejected: [X] }', {}, ['rejected', 'X', 'X', null]],
  ])('sees the difference in %s', (expectation, over, difference) => {
    expect(compare(expectation, over)).toEqual([difference])
  })

  it('tells users apart', () => {
    const testCase = loadCase(
      'events: [{ user: a, trait: { ltv: 1 } }, { user: b, trait: { ltv: 1 } }]\nexpect: { attributes: { a: { ltv: 1 } }, cohorts: { VIPs: { add: [b] } } }',
    )
    const result: CaseResult = new Map([
      ['a', actual({ attributes: new Map([['ltv', 1]]) })],
      ['b', actual({ attributes: new Map([['ltv', 2]]) })],
    ])

    expect(compareCase(testCase, result)).toEqual([
      { section: 'attributes', user: 'b', name: 'ltv', expected: null, actual: '2' },
      { section: 'cohorts', user: 'b', name: 'VIPs', expected: '"add"', actual: null },
    ])
  })

  it('shows what the fold did to users the case does not speak of', () => {
    const differences = compareCase(
      caseOf('{ attributes: {} }'),
      new Map([['stranger', actual({ attributes: new Map([['ltv', 1]]) })]]),
    )

    expect(differences).toMatchObject([{ user: 'stranger' }])
  })
})

it('writes differences for people', () => {
  const differences = compareCase(
    caseOf('{ attributes: { ltv: 1, tier: gold }, events: [], rejected: [X] }'),
    one({ attributes: new Map([['ltv', 2]]), events: [{ name: 'A', time: TIME, properties: {} }] }),
  )

  expect(differenceText(differences, false)).toBe(
    [
      '  attributes',
      '    - ltv: 1',
      '    + ltv: 2',
      '    - tier: "gold"',
      '      (nothing came)',
      '  events',
      '    + {"name":"A","properties":{},"time":"2026-01-14T10:00:00.000Z"}',
      '      (not expected)',
      '  rejected',
      '    - X',
      '      (nothing came)',
    ].join('\n'),
  )
})

describe('times in attributes', () => {
  const sent = { attributes: new Map([['at', '2025-10-01T00:00:00.000Z']]) }

  it.each(['2025-10-01T00:00:00Z', '2025-10-01T02:00:00+02:00', '2025-10-01'])(
    'are the same instant as %s',
    (written) => {
      expect(compare(`{ attributes: { at: "${written}" } }`, sent)).toEqual([])
    },
  )

  it('differ where the instant does, and texts that only look like one do not become one', () => {
    const asText = { attributes: new Map([['at', '2025-10-01']]) }

    expect(compare('{ attributes: { at: "2025-10-01T00:00:01Z" } }', sent)).toHaveLength(1)
    expect(compare('{ attributes: { at: "2025-10-01T00:00:00Z" } }', asText)).toHaveLength(1)
  })
})

describe('acceptResult', () => {
  const result = one({
    attributes: new Map([['ltv', 2]]),
    events: [{ name: 'A', time: TIME, properties: { x: 1 } }],
    cohorts: new Map([['VIPs', 'add']]),
    segments: new Map([['fans', true]]),
    subscriptionGroups: new Map([['g', 'subscribed']]),
    rejected: [{ code: 'X', key: 'item', message: 'm' }],
  })

  it('keeps the sections a case has', () => {
    expect(acceptResult(caseOf('{ attributes: { ltv: 1 }, events: [] }'), result)).toEqual({
      attributes: { ltv: 2 },
      events: [{ name: 'A', time: '2026-01-14T10:00:00.000Z', properties: { x: 1 } }],
    })
  })

  it('leaves sections that hold as they are written', () => {
    const written = '{ attributes: { ltv: 1 }, events: [A], segments: { fans: true } }'

    expect(acceptResult(caseOf(written), result)).toEqual({
      attributes: { ltv: 2 },
      events: ['A'],
      segments: { fans: true },
    })
  })

  it('writes all that happened when a case has none', () => {
    expect(Object.keys(acceptResult(caseOf('{}'), result))).toEqual([
      'attributes',
      'events',
      'cohorts',
      'segments',
      'subscription_groups',
      'rejected',
    ])
    expect(acceptResult(caseOf('{}'), new Map())).toEqual({})
  })

  it.each([
    ['one user', 'events: [{ trait: { ltv: 1 } }]', ['u1']],
    [
      'two users',
      'events: [{ user: a, trait: { ltv: 1 } }, { user: b, trait: { ltv: 1 } }]',
      ['a', 'b'],
    ],
  ])('gives a case of %s that holds', (_, events, users) => {
    const happened: CaseResult = new Map(users.map((user) => [user, result.get('u1')!]))
    const expectation = acceptResult(loadCase(`${events}\nexpect: {}`), happened)
    const testCase = loadCase(`${events}\nexpect: ${JSON.stringify(expectation)}`)

    expect(compareCase(testCase, happened)).toEqual([])
  })
})
