import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { compileSyncs } from '../../src/mapping/compile.ts'
import { MemoryRun } from '../../src/plan/memory-run.ts'
import { createTestDecoder } from '../simple-decoder.ts'
import type { TestRecord } from '../simple-decoder.ts'

const PROJECT = `version: 1
environments:
  local: { braze: { endpoint: simulator, company_time_zone: America/New_York }, sources: { engage: { events: data } } }
`
/** One hour into a UTC day; still the evening before in New York. */
const NOW = Date.parse('2026-03-10T01:00:00Z')
const HOUR = 3_600_000

/**
 * Who is in a segment with this filter, of users with these records, as the whole way from record
 * to membership says.
 */
function members(traits: string, when: string, records: readonly TestRecord[]): readonly string[] {
  const loaded = loadConfig([
    { path: 'configs/engage-sync.yaml', text: PROJECT },
    {
      path: 'configs/shop.yaml',
      text: `version: 1\nsource: engage\ntraits: { ${traits}, seen: seen }\naudiences: { vip: vip }\nsegments: { s: { when: ${when}, attribute: s } }\n`,
    },
  ])
  expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  const run = new MemoryRun({
    syncs: compileSyncs(loaded),
    createDecoder: createTestDecoder,
    nowMs: NOW,
  })
  const { segments } = run.batch(records.map((record) => JSON.stringify(record)))
  return (segments.get('shop:segments.s') ?? [])
    .map((user) => ('externalId' in user ? user.externalId : ''))
    .toSorted()
}

/** One user for each value; `none` is known, but never had one. */
function valued(values: Readonly<Record<string, unknown>>): readonly TestRecord[] {
  const users = Object.entries(values).map(([user, t]) => ({ user, at: NOW - HOUR, trait: { t } }))
  return [...users, { user: 'none', at: NOW - HOUR, trait: { seen: 1 } }]
}

/**
 * One user for each list of times at which an event was sent, by giving the trait new values;
 * `none` has none.
 */
function counted(times: Readonly<Record<string, readonly string[]>>): readonly TestRecord[] {
  const users = Object.entries(times).flatMap(([user, list]) =>
    list.map((time, index) => ({ user, at: Date.parse(time), trait: { t: index } })),
  )
  return [
    ...users.toSorted((a, b) => a.at - b.at),
    { user: 'none', at: NOW - HOUR, trait: { seen: 1 } },
  ]
}

describe('users without a value', () => {
  const numbers = { zero: 0, two: 2, minus: -1 }
  const texts = { gold: 'gold', other: 'silver', empty: '' }

  it.each([
    ['exactly: 0', ['none', 'zero']],
    ['exactly: 2', ['two']],
    ['less_than: 1', ['minus', 'none', 'zero']],
    ['less_than: -5', ['none']],
    ['more_than: -5', ['minus', 'two', 'zero']],
    ['is_blank: true', ['none']],
    ['not_equals: 2', ['minus', 'none', 'zero']],
  ])('numbers, %s', (operator, expected) => {
    expect(
      members('t: { attribute: t, type: number }', `{ trait: t, ${operator} }`, valued(numbers)),
    ).toEqual(expected)
  })

  it.each([
    ['matches: gold', ['gold']],
    ['not_matches: gold', ['other']],
    ['not_equals: gold', ['empty', 'none', 'other']],
    ['not_in: [gold, silver]', ['empty', 'none']],
    ['is_blank: true', ['empty', 'none']],
    ['is_blank: false', ['gold', 'other']],
    ['contains: ol', ['gold']],
  ])('texts, %s', (operator, expected) => {
    expect(
      members('t: { attribute: t, type: string }', `{ trait: t, ${operator} }`, valued(texts)),
    ).toEqual(expected)
  })

  it('are in what `not` turns around', () => {
    expect(members('t: t', '{ not: { trait: t, matches: gold } }', valued(texts))).toEqual([
      'empty',
      'none',
      'other',
    ])
    expect(members('t: t', '{ not: { trait: t, not_matches: gold } }', valued(texts))).toEqual([
      'empty',
      'gold',
      'none',
    ])
  })

  it('are no former members of an audience', () => {
    const records: readonly TestRecord[] = [
      { user: 'in', at: NOW - HOUR, audience: { vip: true } },
      { user: 'out', at: NOW - HOUR, audience: { vip: false } },
      { user: 'none', at: NOW - HOUR, trait: { seen: 1 } },
    ]

    expect(members('t: t', '{ audience: vip, equals: true }', records)).toEqual(['in'])
    expect(members('t: t', '{ audience: vip, equals: false }', records)).toEqual(['out'])
    expect(members('t: t', '{ not: { audience: vip, equals: true } }', records)).toEqual([
      'none',
      'out',
    ])
  })
})

describe('patterns', () => {
  it.each([
    [
      'gold$',
      { plain: 'gold', newline: 'gold\n', two: 'gold\n\n', longer: 'golden' },
      ['newline', 'plain'],
    ],
    ['GOLD', { lower: 'marigolds', upper: 'GOLD', other: 'silver' }, ['lower', 'upper']],
    [
      '^(gold|silver)$',
      { gold: 'gold', both: 'gold silver', silver: 'Silver' },
      ['gold', 'silver'],
    ],
    ['^$', { empty: '', text: 'x' }, ['empty']],
  ])('%s is found as PCRE finds it', (pattern, values, expected) => {
    expect(
      members(
        't: { attribute: t, type: string }',
        `{ trait: t, matches: '${pattern}' }`,
        valued(values),
      ),
    ).toEqual(expected)
  })

  it('look at every element of an array', () => {
    const values = { one: ['shoes', 'Sweaters'], none_of_them: ['hats'], no_list: 'sweater' }

    expect(
      members('t: { attribute: t, type: array }', '{ trait: t, matches: sweater }', valued(values)),
    ).toEqual(['one'])
  })
})

describe('exact values', () => {
  it('tell upper from lower case, and types apart', () => {
    const values = { same: 'Gold', other: 'gold', number: 7 }

    expect(
      members('t: { attribute: t, type: string }', '{ trait: t, equals: Gold }', valued(values)),
    ).toEqual(['same'])
    expect(
      members('t: { attribute: t, type: string }', "{ trait: t, equals: '7' }", valued(values)),
    ).toEqual(['number'])
    expect(
      members(
        't: { attribute: t, type: array }',
        '{ trait: t, contains: shoes }',
        valued({ a: ['shoes'], b: ['Shoes'], c: ['shoe'] }),
      ),
    ).toEqual(['a'])
  })
})

describe('days', () => {
  it('of relative times have 24 hours, wherever midnight is', () => {
    const values = {
      just: '2026-03-08T01:00:00Z',
      longer: '2026-03-08T00:59:59.999Z',
      coming: '2026-03-10T01:00:00.001Z',
    }

    expect(
      members(
        't: { attribute: t, type: time }',
        '{ trait: t, more_than_days_ago: 2 }',
        valued(values),
      ),
    ).toEqual(['longer'])
    expect(
      members(
        't: { attribute: t, type: time }',
        '{ trait: t, less_than_days_ago: 2 }',
        valued(values),
      ),
    ).toEqual(['just'])
    expect(
      members(
        't: { attribute: t, type: time }',
        '{ trait: t, less_than_days_ago: 2.5 }',
        valued(values),
      ),
    ).toEqual(['just', 'longer'])
  })

  it('of dates begin in the company time zone', () => {
    const values = { before: '2026-03-01T04:59:59Z', after: '2026-03-01T05:00:01Z' }

    expect(
      members(
        't: { attribute: t, type: time }',
        '{ trait: t, before: 2026-03-01 }',
        valued(values),
      ),
    ).toEqual(['before'])
    expect(
      members('t: { attribute: t, type: time }', '{ trait: t, after: 2026-03-01 }', valued(values)),
    ).toEqual(['after'])
  })

  it.each([
    ['more_than: 0, within_days: 1', ['today', 'yesterday']],
    ['more_than: 0, within_days: 3', ['edge', 'often', 'today', 'yesterday']],
    ['more_than: 0, within_days: 4', ['beyond', 'edge', 'often', 'today', 'yesterday']],
    ['exactly: 0, within_days: 3', ['beyond', 'long_ago', 'none']],
    ['less_than: 2, within_days: 30', ['beyond', 'edge', 'long_ago', 'none', 'today', 'yesterday']],
    ['exactly: 3', ['often']],
    ['more_than: 0', ['beyond', 'edge', 'long_ago', 'often', 'today', 'yesterday']],
  ])('of event windows are whole UTC days and today: %s', (condition, expected) => {
    const records = counted({
      today: ['2026-03-10T00:00:00Z'],
      yesterday: ['2026-03-09T00:00:00Z'],
      edge: ['2026-03-07T00:00:00Z'],
      beyond: ['2026-03-06T23:59:59.999Z'],
      often: ['2026-03-07T10:00:00Z', '2026-03-07T11:00:00Z', '2026-03-07T12:00:00Z'],
      long_ago: ['2026-01-01T00:00:00Z'],
    })

    expect(
      members(
        't: { attribute: t, type: number, event: Counted }',
        `{ event: Counted, ${condition} }`,
        records,
      ),
    ).toEqual(expected)
  })
})
