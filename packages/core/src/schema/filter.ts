import { MAX_EVENT_COUNT, MAX_LIST_VALUES, MAX_WITHIN_DAYS } from '../braze/filter-limits.ts'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { VALUE_TYPES } from '../values/value-type.ts'
import { definition, oneOf, table, text } from './terms.ts'

/** A value a trait can be compared with. */
export const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()], {
  description: 'A text, a number, or true / false.',
})

const list = (description: string, examples: unknown[]) =>
  Type.Array(Scalar, { minItems: 1, maxItems: MAX_LIST_VALUES, description, examples })
const count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: MAX_EVENT_COUNT, description, examples: [3] })
const days = (description: string) => Type.Number({ minimum: 0, description, examples: [30] })
const instant = (description: string) =>
  Type.String({ minLength: 4, description, examples: ['2026-01-31', '2026-01-31T09:30:00Z'] })

/** A condition on a trait: its key and exactly one operator. */
export const TraitCondition = table(
  {
    trait: text({
      description: 'Key of a trait, as Segment sends it. A dot is a path into an object.',
      examples: ['lifetime_value'],
    }),
    equals: Type.Optional(
      Type.Union([Scalar], {
        description: 'Exactly this value; text is case-sensitive.',
        examples: ['gold'],
      }),
    ),
    not_equals: Type.Optional(
      Type.Union([Scalar], { description: 'Any other value, or none.', examples: ['gold'] }),
    ),
    in: Type.Optional(list('One of these values; text is case-sensitive.', [['gold', 'platinum']])),
    not_in: Type.Optional(list('None of these values.', [['bronze']])),
    matches: Type.Optional(
      Type.String({
        description:
          'Regular expression (RE2 syntax), anywhere in the text, not case-sensitive; any element of an array.',
        examples: ['sweater', '^(gold|silver)$'],
      }),
    ),
    not_matches: Type.Optional(
      Type.String({
        description: 'Text the regular expression is not found in. A blank value never matches.',
        examples: ['test'],
      }),
    ),
    contains: Type.Optional(
      Type.Union([Scalar], {
        description: 'Part of a text (case-sensitive), or an element of an array.',
        examples: ['shoes'],
      }),
    ),
    more_than: Type.Optional(
      Type.Number({ description: 'A number above this one.', examples: [100] }),
    ),
    less_than: Type.Optional(
      Type.Number({ description: 'A number below this one, or no value.', examples: [100] }),
    ),
    exactly: Type.Optional(
      Type.Number({
        description: 'This number; `exactly: 0` matches a missing value too.',
        examples: [0],
      }),
    ),
    is_blank: Type.Optional(
      Type.Boolean({
        description: 'true: no value or an empty one. false: any other.',
        examples: [true],
      }),
    ),
    before: Type.Optional(instant('A time before this date (company time zone).')),
    after: Type.Optional(instant('A time after this date (company time zone).')),
    more_than_days_ago: Type.Optional(days('A time more than so many days of 24 hours ago.')),
    less_than_days_ago: Type.Optional(days('A time within the last so many days of 24 hours.')),
  },
  { description: 'A condition on a trait: its key and one operator.' },
)

/** A condition on an audience membership. */
export const AudienceCondition = table(
  {
    audience: text({
      description: 'Key of an audience, as Segment sends it.',
      examples: ['dormant_shopper'],
    }),
    equals: Type.Boolean({
      description: 'true: in the audience. false: known to be out of it.',
      examples: [true],
    }),
  },
  { description: 'A condition on an audience membership.' },
)

/** A condition on how often an event was delivered. */
export const EventCondition = table(
  {
    event: text({
      description: 'Name of an event some mapping sends.',
      examples: ['Trait Computed'],
    }),
    trait: Type.Optional(
      text({ description: 'Only the events of this trait.', examples: ['lifetime_value'] }),
    ),
    audience: Type.Optional(
      text({ description: 'Only the events of this audience.', examples: ['dormant_shopper'] }),
    ),
    more_than: Type.Optional(count('Delivered more often than this.')),
    less_than: Type.Optional(count('Delivered less often than this, or never.')),
    exactly: Type.Optional(count('Delivered exactly so often.')),
    within_days: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_WITHIN_DAYS,
        description: 'In the last so many whole UTC days and today. Default: ever.',
        examples: [30],
      }),
    ),
  },
  { description: 'A condition on how often an event was delivered to the user.' },
)

/** A tree of conditions, as written. */
export type FilterConfig =
  | { readonly all: readonly FilterConfig[] }
  | { readonly any: readonly FilterConfig[] }
  | { readonly not: FilterConfig }
  | TraitConditionConfig
  | AudienceConditionConfig
  | EventConditionConfig

/** A condition on a trait, as written. */
export type TraitConditionConfig = Static<typeof TraitCondition>
/** A condition on an audience, as written. */
export type AudienceConditionConfig = Static<typeof AudienceCondition>
/** A condition on delivered events, as written. */
export type EventConditionConfig = Static<typeof EventCondition>

const FilterRef = definition<FilterConfig>('filter')
const children = (description: string) =>
  Type.Array(FilterRef, {
    minItems: 1,
    description,
    examples: [
      [
        { trait: 'loyalty_tier', equals: 'gold' },
        { audience: 'vip', equals: true },
      ],
    ],
  })

/**
 * A filter: a condition, or conditions joined by `all`, `any`, `not`. Published as
 * `#/$defs/filter`.
 */
export const Filter = Type.Union(
  [
    table(
      { all: children('Every one of these holds.') },
      { description: 'Every one of these holds.' },
    ),
    table(
      { any: children('At least one of these holds.') },
      { description: 'At least one of these holds.' },
    ),
    table(
      { not: definition<FilterConfig>('filter', { description: 'This does not hold.' }) },
      { description: 'This does not hold.' },
    ),
    EventCondition,
    TraitCondition,
    AudienceCondition,
  ],
  {
    description: 'A condition, or conditions joined by `all`, `any` and `not`.',
    examples: [
      {
        all: [
          { trait: 'loyalty_tier', in: ['gold'] },
          { audience: 'vip', equals: true },
        ],
      },
    ],
  },
)

/** The `type` key of a mapping. */
export const ValueTypeSchema = oneOf(VALUE_TYPES, {
  description:
    'What the value is. It is cast without loss, or rejected. Default: the type of the standard attribute, or what its filters ask for.',
  examples: ['number'],
})
