import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Json } from '@engage-sync/contract'
import { compileFilter } from '../../src/filter/compile.ts'
import { EVENT_OPERATOR_TABLE } from '../../src/filter/event-operators.ts'
import { TRAIT_OPERATOR_TABLE } from '../../src/filter/operators.ts'
import { TRAIT_OPERATORS } from '../../src/schema/vocabulary.ts'
import type { ValueType } from '../../src/values/value-type.ts'

const NOW = Date.parse('2026-03-10T12:00:00Z')
const DAY = 86_400_000

function verdictOf(
  operator: string,
  type: ValueType,
  comparand: unknown,
  value: Json,
  negationMatchesAbsent = true,
): boolean {
  const filter = compileFilter({ trait: 't', [operator]: comparand } as never, {
    typeOf: () => type,
    negationMatchesAbsent,
  })
  const [leaf] = filter.leaves
  if (leaf.type === 'value') return value === null ? leaf.absent : leaf.test(value)
  if (leaf.type !== 'time') throw new Error('no event here')
  const instant = value === null ? null : leaf.read(value)
  return instant === null ? leaf.absent : leaf.test(instant, NOW)
}

/**
 * One line per row of the table: what it is compared with, values that pass, values that fail,
 * users without one.
 */
const ROWS: readonly [
  operator: string,
  type: ValueType,
  comparand: unknown,
  pass: Json[],
  fail: Json[],
  absent: boolean,
][] = [
  ['equals', 'string', 'Gold', ['Gold'], ['gold', 'Golden', '', 7], false],
  ['equals', 'number', 7, [7], [7.1, '7'], false],
  ['equals', 'integer', 0, [0], [1], true],
  ['equals', 'boolean', true, [true], [false, 'true', 1], false],
  ['equals', 'boolean', false, [false], [true], false],
  ['not_equals', 'string', 'gold', ['Gold', 'x', ''], ['gold'], true],
  ['not_equals', 'number', 7, [8, 0], [7], true],
  ['not_equals', 'boolean', true, [false], [true], true],
  ['in', 'string', ['a', 'b'], ['a', 'b'], ['A', 'c', ''], false],
  ['in', 'number', [1, 2], [1, 2], [3, '1'], false],
  ['in', 'number', [0, 2], [0], [1], true],
  ['not_in', 'string', ['a', 'b'], ['c', 'A'], ['a', 'b'], true],
  ['not_in', 'number', [1, 2], [3], [1, 2], true],
  ['matches', 'string', 'swea', ['Blue SWEATER', 'swea'], ['shirt', '', ['swea']], false],
  ['matches', 'array', 'swea', [['x', 'a Sweater']], [['x'], [], [7], 'swea'], false],
  ['not_matches', 'string', 'swea', ['shirt'], ['sweater', ''], false],
  ['not_matches', 'array', 'swea', [['shirt'], [7]], [['x', 'sweater'], []], false],
  ['contains', 'string', 'ea', ['sea'], ['SEA', ''], false],
  ['contains', 'array', 'sea', [['x', 'sea']], [['seal'], ['SEA'], []], false],
  ['more_than', 'number', 3, [3.5, 4], [3, 2, '4'], false],
  ['more_than', 'number', -5, [0, -4], [-5, -6], false],
  ['less_than', 'number', 3, [2.9, -1], [3, 4], true],
  ['less_than', 'number', -5, [-6], [0, -5], true],
  ['exactly', 'number', 0, [0], [1, 0.5], true],
  ['exactly', 'number', 7, [7], [0], false],
  ['is_blank', 'string', true, [''], ['x', ' '], true],
  ['is_blank', 'string', false, ['x'], [''], false],
  ['is_blank', 'number', true, [], [0, 1], true],
  ['is_blank', 'time', false, ['2026-01-01T00:00:00.000Z'], [], false],
  ['is_blank', 'boolean', true, [], [true, false], true],
  ['is_blank', 'object', false, [{}, { a: 1 }], [], false],
  ['is_blank', 'array', true, [[]], [['a']], true],
  [
    'before',
    'time',
    '2026-03-01',
    ['2026-02-28T23:59:59.999Z'],
    ['2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'],
    false,
  ],
  [
    'after',
    'time',
    '2026-03-01',
    ['2026-03-01T00:00:00.001Z'],
    ['2026-03-01T00:00:00.000Z'],
    false,
  ],
  [
    'more_than_days_ago',
    'time',
    2,
    [iso(NOW - 2 * DAY - 1)],
    [iso(NOW - 2 * DAY), iso(NOW), iso(NOW + DAY)],
    false,
  ],
  [
    'less_than_days_ago',
    'time',
    2,
    [iso(NOW - 2 * DAY), iso(NOW)],
    [iso(NOW - 2 * DAY - 1), iso(NOW + 1)],
    false,
  ],
]

function iso(instant: number): string {
  return new Date(instant).toISOString()
}

describe('the operator table', () => {
  it.each(ROWS)(
    '%s on %s with %j passes, fails and treats absence as documented',
    (operator, type, comparand, pass, fail, absent) => {
      expect(pass.filter((value) => !verdictOf(operator, type, comparand, value))).toEqual([])
      expect(fail.filter((value) => verdictOf(operator, type, comparand, value))).toEqual([])
      expect(verdictOf(operator, type, comparand, null)).toBe(absent)
    },
  )

  it('has a tested line for every row', () => {
    const tested = new Set(
      ROWS.map(([operator, type]) => `${operator} ${type === 'integer' ? 'number' : type}`),
    )
    const missing = TRAIT_OPERATOR_TABLE.filter(
      (row) => !row.types.some((type) => tested.has(`${row.operator} ${type}`)),
    )

    expect(missing.map(({ operator, types }) => `${operator} ${types.join()}`)).toEqual([])
  })

  it('knows exactly the operators of the schema', () => {
    expect(new Set(TRAIT_OPERATOR_TABLE.map(({ operator }) => operator))).toEqual(
      new Set(TRAIT_OPERATORS),
    )
  })

  it.each([
    ['equals', 'string', 'x'],
    ['not_equals', 'string', 'x'],
    ['not_matches', 'string', 'x'],
    ['less_than', 'number', 1],
  ] as const)('%s treats values of another type as absent', (operator, type, comparand) => {
    const absent = verdictOf(operator, type, comparand, null)

    expect(verdictOf(operator, type, comparand, { an: 'object' })).toBe(absent)
    expect(verdictOf(operator, type, comparand, type === 'string' ? 7 : 'seven')).toBe(absent)
  })

  it.each(['not_equals', 'not_in'])(
    'lets the switch decide whether %s holds for absent values',
    (operator) => {
      const comparand = operator === 'not_in' ? ['a'] : 'a'

      expect(verdictOf(operator, 'string', comparand, null, true)).toBe(true)
      expect(verdictOf(operator, 'string', comparand, null, false)).toBe(false)
    },
  )

  it('reads dates without a zone in the company time zone', () => {
    const filter = compileFilter(
      { trait: 't', before: '2026-03-01' },
      { typeOf: () => 'time', timeZone: 'America/New_York' },
    )
    const [leaf] = filter.leaves

    expect(leaf.type === 'value' && leaf.test('2026-03-01T04:59:59.999Z')).toBe(true)
    expect(leaf.type === 'value' && leaf.test('2026-03-01T05:00:00.000Z')).toBe(false)
  })
})

describe('relative times', () => {
  it.each(['more_than_days_ago', 'less_than_days_ago'] as const)(
    '%s says when its verdict changes next',
    (operator) => {
      const [leaf] = compileFilter({ trait: 't', [operator]: 2 } as never, {
        typeOf: () => 'time',
      }).leaves
      if (leaf.type !== 'time') throw new Error('expected a time leaf')

      for (const value of [
        NOW - 3 * DAY,
        NOW - 2 * DAY - 1,
        NOW - 2 * DAY,
        NOW - 1,
        NOW,
        NOW + 1,
        NOW + DAY,
      ]) {
        const before = leaf.test(value, NOW)
        const change = leaf.nextChange(value, NOW)
        const last = Math.min(change, NOW + 10 * DAY) - 1
        expect(
          [NOW, Math.floor((NOW + last) / 2), last].map((now) => leaf.test(value, now)),
        ).toEqual([before, before, before])
        if (change !== Infinity) expect(leaf.test(value, change)).toBe(!before)
      }
    },
  )
})

describe('event operators', () => {
  it.each([
    ['more_than', 2, [3, 50], [2, 0]],
    ['less_than', 2, [0, 1], [2, 3]],
    ['exactly', 0, [0], [1]],
  ])('%s %i', (operator, limit, pass, fail) => {
    const test = EVENT_OPERATOR_TABLE.find((row) => row.operator === operator)!.test(limit)

    expect(pass.every(test)).toBe(true)
    expect(fail.some(test)).toBe(false)
  })

  it('keeps window and narrowing of the condition', () => {
    const filter = compileFilter(
      { event: 'Trait Computed', trait: 'a.b', exactly: 1, within_days: 7 },
      { typeOf: () => null },
    )

    expect(filter.leaves[0]).toMatchObject({
      type: 'event',
      name: 'Trait Computed',
      withinDays: 7,
      narrow: { kind: 'trait', key: 'a', path: ['b'] },
    })
  })
})

describe('docs/filters.md', () => {
  const text = readFileSync(new URL('../../../../docs/filters.md', import.meta.url), 'utf8')
  const cells = text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )

  it('shows each row of the table, and no other', () => {
    const documented = cells.filter((row) => row.length === 5).map((row) => row.join(' | '))
    const rows = TRAIT_OPERATOR_TABLE.map(
      ({ operator, types, meaning, dashboard, absent }) =>
        `\`${operator}\` | ${types.join(', ')} | ${meaning} | ${dashboard} | ${absent}`,
    )

    expect(documented).toEqual(rows)
  })

  it('shows each operator of events, and no other', () => {
    const documented = cells.filter((row) => row.length === 3).map((row) => row.join(' | '))

    expect(documented).toEqual(
      EVENT_OPERATOR_TABLE.map(
        ({ operator, meaning, dashboard }) => `\`${operator}\` | ${meaning} | ${dashboard}`,
      ),
    )
  })
})
