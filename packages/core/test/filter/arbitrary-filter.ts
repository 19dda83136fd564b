import fc from 'fast-check'
import type { FilterConfig } from '../../src/schema/filter.ts'

const trait = fc.constantFrom('tier', 'points', 'a.b', 'seen\\.at')
const text = fc.constantFrom('gold', 'Silver', '', '^g', '(a|b)', 'x')
const number = fc.constantFrom(-1, 0, 3.5, 7)
const day = fc.constantFrom('2026-01-01', '2026-01-31T10:00:00Z')

const condition = fc.oneof(
  fc.record({ trait, equals: fc.oneof(text, number, fc.boolean()) }),
  fc.record({ trait, not_equals: fc.oneof(text, number) }),
  fc.record({ trait, in: fc.array(text, { minLength: 1, maxLength: 3 }) }),
  fc.record({ trait, not_in: fc.array(number, { minLength: 1, maxLength: 3 }) }),
  fc.record({ trait, matches: text }),
  fc.record({ trait, not_matches: text }),
  fc.record({ trait, contains: fc.oneof(text, number) }),
  fc.record({ trait, more_than: number }),
  fc.record({ trait, less_than: number }),
  fc.record({ trait, exactly: number }),
  fc.record({ trait, is_blank: fc.boolean() }),
  fc.record({ trait, before: day }),
  fc.record({ trait, more_than_days_ago: fc.constantFrom(0, 1.5, 30) }),
  fc.record({ audience: fc.constantFrom('vip', 'dormant'), equals: fc.boolean() }),
  fc.record({ event: fc.constant('E'), more_than: fc.integer({ min: 0, max: 50 }) }),
  fc.record({
    event: fc.constant('E'),
    exactly: fc.constant(0),
    within_days: fc.integer({ min: 1, max: 30 }),
  }),
)

/** Filters of the schema's shape, up to three levels deep. */
export const arbitraryFilter: fc.Arbitrary<FilterConfig> = fc.letrec<{ node: FilterConfig }>(
  (tie) => ({
    node: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      condition as fc.Arbitrary<FilterConfig>,
      fc.record({ all: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie('node') }),
    ),
  }),
).node
