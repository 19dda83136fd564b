import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkFilter } from '../../src/filter/check.ts'
import { compileFilter } from '../../src/filter/compile.ts'
import { explainFilter, explanationLines } from '../../src/filter/explain.ts'
import type { FilterConfig } from '../../src/schema/filter.ts'
import { arbitraryFilter } from './arbitrary-filter.ts'

const anyType = { typeOf: () => null }

describe('compileFilter', () => {
  it('keeps equal conditions once, in the order of the file', () => {
    const vip = { audience: 'vip', equals: true }
    const filter = compileFilter(
      { any: [{ all: [vip, { trait: 'n', more_than: 3 }] }, { not: vip }] },
      anyType,
    )

    expect(filter.leaves.map(({ text }) => text)).toEqual(['vip equals true', 'n more_than 3'])
    expect(filter.tree).toEqual({
      op: 'any',
      children: [
        {
          op: 'all',
          children: [
            { op: 'leaf', leaf: 0 },
            { op: 'leaf', leaf: 1 },
          ],
        },
        { op: 'not', child: { op: 'leaf', leaf: 0 } },
      ],
    })
  })

  it('joins several operators of one condition by "all"', () => {
    const filter = compileFilter({ trait: 'n', more_than: 3, less_than: 9 }, anyType)

    expect(filter.tree).toEqual({
      op: 'all',
      children: [
        { op: 'leaf', leaf: 0 },
        { op: 'leaf', leaf: 1 },
      ],
    })
  })

  it('splits dotted traits, and keeps escaped dots', () => {
    const { leaves } = compileFilter(
      {
        all: [
          { trait: 'a.b', is_blank: true },
          { trait: 'a\\.b', is_blank: true },
        ],
      },
      anyType,
    )

    expect(leaves.map((leaf) => leaf.type === 'value' && leaf.operand)).toEqual([
      { kind: 'trait', key: 'a', path: ['b'] },
      { kind: 'trait', key: 'a.b', path: [] },
    ])
  })

  it.each<[FilterConfig, string]>([
    [{ trait: 't', matches: 'x' }, 'real time'],
    [{ event: 'E', more_than: 3 }, 'real time'],
    [{ trait: 't', before: '2026-01-01' }, 'real time'],
    [{ trait: 't', more_than_days_ago: 3 }, 'scheduled'],
    [
      {
        not: {
          any: [
            { trait: 't', matches: 'x' },
            { event: 'E', less_than: 3, within_days: 2 },
          ],
        },
      },
      'scheduled',
    ],
  ])('times %j as %s', (filter, mode) => {
    const { timing } = compileFilter(filter, anyType)

    expect(timing.mode).toBe(mode)
    expect(timing.reason).not.toBe('')
  })

  it.each<[FilterConfig, string]>([
    [{ trait: 't', more_than: 3 }, 'FILTER_OPERATOR_TYPE'],
    [{ trait: 't', equals: 3 }, 'FILTER_OPERATOR_TYPE'],
    [{ trait: 't', matches: '(?=a)' }, 'FILTER_REGEX'],
  ])('throws for %j what checkFilter would have found', (filter, code) => {
    expect(() => compileFilter(filter, { typeOf: () => 'string' })).toThrow(
      expect.objectContaining({ code }),
    )
  })

  it('changes its fingerprint with the meaning only', () => {
    const of = (filter: FilterConfig, options = {}) =>
      compileFilter(filter, { ...anyType, ...options }).fingerprint

    expect(of({ trait: 't', equals: 'a' })).toBe(
      of({ trait: 't', equals: 'a' }, { timeZone: 'Asia/Tokyo' }),
    )
    expect(of({ trait: 't', equals: 'a' })).not.toBe(of({ trait: 't', equals: 'b' }))
    expect(of({ trait: 't', before: '2026-01-01' })).not.toBe(
      of({ trait: 't', before: '2026-01-01' }, { timeZone: 'Asia/Tokyo' }),
    )
    expect(of({ trait: 't', not_equals: 'a' })).not.toBe(
      of({ trait: 't', not_equals: 'a' }, { negationMatchesAbsent: false }),
    )
  })

  it('evaluates as a naive interpreter of the configuration does', () => {
    fc.assert(
      fc.property(arbitraryFilter, fc.infiniteStream(fc.boolean()), (config, coins) => {
        const filter = compileFilter(config, anyType)
        const verdicts = filter.leaves.map(() => coins.next().value as boolean)
        const byText = new Map(filter.leaves.map((leaf, index) => [leaf.text, verdicts[index]]))
        const naive = (node: FilterConfig): boolean => {
          if ('all' in node) return node.all.every(naive)
          if ('any' in node) return node.any.some(naive)
          if ('not' in node) return !naive(node.not)
          return compileFilter(node, anyType).leaves.every(({ text }) => byText.get(text))
        }
        const expected = naive(config)

        expect(filter.evaluate((leaf) => verdicts[leaf])).toBe(expected)
        expect(explainFilter(filter, (leaf) => verdicts[leaf]).verdict).toBe(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('never throws on a filter that checkFilter finds no error in', () => {
    const scope = {
      traits: new Map(),
      audiences: new Set<string>(),
      enrichment: new Set<string>(),
      eventNames: new Set(['E']),
    }
    fc.assert(
      fc.property(arbitraryFilter, (config) => {
        const findings = checkFilter(config, scope)
        if (findings.some(({ severity }) => severity === 'error')) return
        expect(() => compileFilter(config, anyType)).not.toThrow()
      }),
      { numRuns: 200 },
    )
  })
})

describe('explainFilter', () => {
  it('shows every node with its verdict', () => {
    const filter = compileFilter(
      { all: [{ audience: 'vip', equals: true }, { not: { trait: 'tier', in: ['a', 'b'] } }] },
      anyType,
    )

    expect(explanationLines(explainFilter(filter, (leaf) => leaf === 0))).toEqual([
      'yes all',
      '  yes vip equals true',
      '  yes not',
      '    no  tier in ["a","b"]',
    ])
  })
})
