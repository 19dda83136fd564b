import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkFilter } from '../../src/filter/check.ts'
import type { FilterScope } from '../../src/filter/finding.ts'
import { compileFilter } from '../../src/filter/compile.ts'
import type { FilterConfig } from '../../src/schema/filter.ts'
import type { ValueType } from '../../src/values/value-type.ts'

const TYPES: readonly [string, ValueType | null][] = [
  ['text', 'string'],
  ['amount', 'number'],
  ['count', 'integer'],
  ['flag', 'boolean'],
  ['seen', 'time'],
  ['list', 'array'],
  ['thing', 'object'],
  ['open', null],
]
const scope: FilterScope = {
  traits: new Map(TYPES),
  audiences: new Set(['vip']),
  enrichment: new Set(['city']),
  eventNames: new Set(['Trait Computed']),
}

const codes = (filter: unknown) =>
  checkFilter(filter as FilterConfig, scope).map(({ code }) => code)

describe('checkFilter', () => {
  it.each([
    [{ trait: 'text', more_than: 3 }, 'FILTER_OPERATOR_TYPE', ['more_than']],
    [{ trait: 'text', equals: 3 }, 'FILTER_OPERATOR_TYPE', ['equals']],
    [{ trait: 'amount', matches: 'x' }, 'FILTER_OPERATOR_TYPE', ['matches']],
    [{ trait: 'list', equals: 'x' }, 'FILTER_OPERATOR_TYPE', ['equals']],
    [{ trait: 'flag', in: ['true'] }, 'FILTER_OPERATOR_TYPE', ['in']],
    [{ trait: 'thing', contains: 'x' }, 'FILTER_OPERATOR_TYPE', ['contains']],
    [{ all: [{ trait: 'text', in: ['a', 7] }] }, 'FILTER_OPERATOR_TYPE', ['all', 0, 'in']],
    [{ trait: 'seen', before: '31.1.2026' }, 'FILTER_TIME', ['before']],
    [{ trait: 'seen', before: '2026-02-30' }, 'FILTER_TIME', ['before']],
    [{ trait: 'txt', equals: 'x' }, 'FILTER_UNKNOWN_KEY', ['trait']],
    [{ trait: 'city', equals: 'x' }, 'FILTER_UNKNOWN_KEY', ['trait']],
    [{ audience: 'vips', equals: true }, 'FILTER_UNKNOWN_KEY', ['audience']],
    [{ event: 'Trait computed', more_than: 1 }, 'FILTER_EVENT_UNKNOWN', ['event']],
    [{ event: 'Trait Computed', within_days: 3 }, 'FILTER_OPERATOR_MISSING', []],
    [{ trait: 'text' }, 'FILTER_OPERATOR_MISSING', []],
    [{ not: { trait: 'text', matches: 'a(?=b)' } }, 'FILTER_REGEX', ['not', 'matches']],
    [{ trait: 'text', matches: 'a^b' }, 'FILTER_REGEX_NEVER', ['matches']],
    [{ trait: 'text', matches: '.*' }, 'FILTER_REGEX_ALWAYS', ['matches']],
    [{ trait: 'text', matches: 'a\\v' }, 'FILTER_REGEX_DIFFERS', ['matches']],
    [{ trait: 'count', equals: 3.5 }, 'FILTER_NEVER', []],
    [{ event: 'Trait Computed', less_than: 0 }, 'FILTER_NEVER', []],
    [
      {
        all: [
          { trait: 'open', matches: 'x' },
          { trait: 'open', more_than: 3 },
        ],
      },
      'FILTER_TYPE_CONFLICT',
      ['all', 1, 'more_than'],
    ],
  ])('finds in %j: %s', (filter, code, path) => {
    expect(checkFilter(filter as unknown as FilterConfig, scope)).toMatchObject([{ code, path }])
  })

  it.each([
    [{ trait: 'txt', equals: 'x' }, 'Did you mean "text"?'],
    [{ audience: 'vips', equals: true }, 'Did you mean "vip"?'],
    [{ event: 'Trait computed', more_than: 1 }, 'Did you mean "Trait Computed"?'],
    [{ trait: 'list', equals: 'x' }, 'contains'],
  ])('hints for %j', (filter, hint) => {
    expect(checkFilter(filter, scope)[0].hint).toContain(hint)
  })

  it('names the place inside a pattern', () => {
    expect(checkFilter({ trait: 'text', matches: 'ab(?=c)' }, scope)[0]).toMatchObject({
      severity: 'error',
      offset: 2,
      length: 3,
    })
  })

  it.each([
    [
      [
        { trait: 'count', more_than: 3 },
        { trait: 'count', less_than: 4 },
      ],
    ],
    [
      [
        { trait: 'amount', more_than: 4 },
        { trait: 'amount', less_than: 4 },
      ],
    ],
    [
      [
        { trait: 'text', equals: 'a' },
        { trait: 'text', equals: 'b' },
      ],
    ],
    [[{ trait: 'text', in: ['a', 'b'] }, { not: { trait: 'text', matches: '^[ab]$' } }]],
    [
      [
        { trait: 'text', in: ['x', 'y'] },
        { trait: 'text', matches: 'gold' },
      ],
    ],
    [
      [
        { trait: 'text', is_blank: true },
        { trait: 'text', equals: 'a' },
      ],
    ],
    [
      [
        { trait: 'flag', equals: true },
        { trait: 'flag', equals: false },
      ],
    ],
    [[{ audience: 'vip', equals: true }, { all: [{ audience: 'vip', equals: false }] }]],
    [[{ audience: 'vip', equals: true }, { not: { audience: 'vip', equals: true } }]],
    [
      [
        { trait: 'seen', before: '2026-01-01' },
        { trait: 'seen', after: '2026-01-01' },
      ],
    ],
    [
      [
        { event: 'Trait Computed', more_than: 3 },
        { event: 'Trait Computed', less_than: 4 },
      ],
    ],
  ])('sees the contradiction in all: %j', (all) => {
    expect(codes({ all })).toEqual(['FILTER_CONTRADICTION'])
  })

  it.each([
    [
      [
        { trait: 'amount', more_than: 3 },
        { trait: 'amount', less_than: 4 },
      ],
    ],
    [
      [
        { trait: 'count', less_than: 1 },
        { trait: 'count', is_blank: true },
      ],
    ],
    [
      [
        { trait: 'count', exactly: 0 },
        { trait: 'count', is_blank: true },
      ],
    ],
    [
      [
        { trait: 'text', matches: 'a' },
        { trait: 'text', matches: 'b' },
      ],
    ],
    [
      [
        { trait: 'text', not_equals: 'a' },
        { trait: 'text', is_blank: true },
      ],
    ],
    [
      [
        { event: 'Trait Computed', more_than: 3 },
        { event: 'Trait Computed', less_than: 4, within_days: 3 },
      ],
    ],
    [
      [
        {
          any: [
            { trait: 'text', equals: 'a' },
            { trait: 'text', equals: 'b' },
          ],
        },
        { trait: 'text', equals: 'b' },
      ],
    ],
  ])('sees none in all: %j', (all) => {
    expect(codes({ all })).toEqual([])
  })

  it('is never wrong about contradictions between numbers', () => {
    const test = fc.record({
      operator: fc.constantFrom('more_than', 'less_than', 'exactly', 'not_equals'),
      value: fc.integer({ min: 0, max: 4 }),
      negated: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(test, { minLength: 1, maxLength: 4 }), (tests) => {
        const all = tests.map(({ operator, value, negated }) => {
          const condition = { trait: 'count', [operator]: value } as unknown as FilterConfig
          return negated ? { not: condition } : condition
        })
        const filter = compileFilter({ all }, { typeOf: () => 'integer' })
        const holds = (value: number | null) =>
          filter.evaluate((index) => {
            const leaf = filter.leaves[index]
            if (leaf.type !== 'value') throw new Error('expected a value leaf')
            return value === null ? leaf.absent : leaf.test(value)
          })
        const isPossible = [null, -2, -1, 0, 1, 2, 3, 4, 5, 6].some(holds)

        expect(codes({ all }).length > 0).toBe(!isPossible)
      }),
      { numRuns: 300 },
    )
  })
})
