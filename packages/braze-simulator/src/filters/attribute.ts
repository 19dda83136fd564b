import type { Json } from '@engage-sync/contract'
import { detectType } from '../attributes/index.ts'
import type { AttributeType } from '../model/index.ts'
import { readDate } from '../values/index.ts'
import { DAY_MS, FilterError } from './context.ts'
import type { FilterContext } from './context.ts'
import { compilePattern } from './pattern.ts'

/** A test of one value; `null` stands for a user without it. */
export type Test = (value: Json) => boolean

type Build = (operand: Json, context: FilterContext) => Test

/**
 * The test of an attribute filter.
 *
 * Shape: type of the attribute, comparison and operand in; a test of a user's value out.
 *
 * @throws {FilterError} when the type has no such comparison
 * @see https://www.braze.com/docs/api/objects_filters/connected_audience/
 */
export function attributeTest(
  type: AttributeType | null,
  { comparison, operand }: { readonly comparison: string; readonly operand: Json },
  context: FilterContext,
): Test {
  const chosen = type ?? likelyType(comparison, detectType(operand ?? '', context.rules))
  const operators = OPERATORS[chosen]
  const build = Object.hasOwn(operators, comparison) ? operators[comparison] : undefined
  if (build === undefined)
    throw new FilterError(
      `${comparison} is no comparison of a ${chosen}; use one of ${Object.keys(operators).join(', ')}`,
    )
  return build(operand, context)
}

/** What an attribute nobody has a value of is taken for: what has this comparison. */
function likelyType(comparison: string, ofOperand: AttributeType | null): AttributeType {
  const has = (type: AttributeType) => Object.hasOwn(OPERATORS[type], comparison)
  if (ofOperand !== null && has(ofOperand)) return ofOperand
  return (Object.keys(OPERATORS) as AttributeType[]).find(has) ?? ofOperand ?? 'string'
}

const negated =
  (build: Build): Build =>
  (operand, context) => {
    const test = build(operand, context)
    return (value) => (isAbsent(value) ? context.settings.absentMatchesNot : !test(value))
  }
const any =
  (matches: (value: Json, operand: Json, context: FilterContext) => boolean): Build =>
  (operand, context) => {
    const operands = Array.isArray(operand) ? (operand as readonly Json[]) : [operand]
    return (value) => !isAbsent(value) && operands.some((one) => matches(value, one, context))
  }

const exists: Build =
  (_, { rules }) =>
  (value) =>
    !isBlank(value, rules.filterBlank)
const doesNotExist: Build =
  (_, { rules }) =>
  (value) =>
    isBlank(value, rules.filterBlank)

const equals = any(isEqual)
const containsText = any(
  (value, operand) =>
    typeof value === 'string' && typeof operand === 'string' && value.includes(operand),
)
const includes = any((value, operand, context) =>
  itemsOf(value).some((item) => isEqual(item, operand, context)),
)
const itemContains = any((value, operand) =>
  itemsOf(value).some((item) => typeof item === 'string' && item.includes(String(operand))),
)
const isAllOf: Build = (operand, context) => (value) =>
  itemsOf(operand).every((one) => itemsOf(value).some((item) => isEqual(item, one, context)))

const matches: Build = (operand, { rules }) => {
  const pattern = compilePattern(operand, rules)
  return (value) =>
    (Array.isArray(value) ? (value as readonly Json[]) : [value]).some(
      (item) => typeof item === 'string' && pattern.test(item),
    )
}
const doesNotMatch: Build = (operand, { rules }) => {
  const pattern = compilePattern(operand, rules)
  return (value) =>
    isBlank(value, true) ? !rules.filterNotRegexBlank : !pattern.test(String(value))
}

/** A number comparison; users without a value count as 0 where Braze counts them so. */
function numeric(
  compare: (value: number, operand: number) => boolean,
  absent: (operand: number) => boolean,
): Build {
  return (operand, { rules }) => {
    if (typeof operand !== 'number') return () => false
    return (value) =>
      typeof value === 'number'
        ? compare(value, operand)
        : isAbsent(value) && rules.filterZero && absent(operand)
  }
}

function instant(compare: (value: number, operand: number) => boolean): Build {
  return (operand) => {
    const limit = typeof operand === 'string' ? readDate(operand) : null
    if (limit === null) throw new FilterError('the value must be a date')
    return timeTest((time) => compare(time, limit))
  }
}

function days(
  compare: (timeMs: number, limitMs: number, nowMs: number) => boolean,
  sign: 1 | -1,
): Build {
  return (operand, { now }) => {
    if (typeof operand !== 'number') throw new FilterError('the value must be a number of days')
    return timeTest((time) => compare(time, now + sign * operand * DAY_MS, now))
  }
}

function timeTest(test: (time: number) => boolean): Test {
  return (value) => {
    const time = typeof value === 'string' ? readDate(value) : null
    return time !== null && test(time)
  }
}

const PRESENCE = { exists, does_not_exist: doesNotExist }
const NUMBER_OPERATORS = {
  equals: numeric(
    (value, operand) => value === operand,
    (operand) => operand === 0,
  ),
  not_equal: negated(equals),
  greater_than: numeric(
    (value, operand) => value > operand,
    () => false,
  ),
  greater_than_or_equal_to: numeric(
    (value, operand) => value >= operand,
    () => false,
  ),
  less_than: numeric(
    (value, operand) => value < operand,
    () => true,
  ),
  less_than_or_equal_to: numeric(
    (value, operand) => value <= operand,
    () => true,
  ),
}
const ARRAY_OPERATORS = {
  includes_value: includes,
  does_not_include_value: negated(includes),
  values_contain: itemContains,
  values_do_not_contain: negated(itemContains),
  all_of: isAllOf,
  not_all_of: ((operand, context) => (value) => !isAllOf(operand, context)(value)) satisfies Build,
  matches_regex: matches,
}
const TIME_OPERATORS = {
  before: instant((value, limit) => value < limit),
  after: instant((value, limit) => value > limit),
  greater_than_x_days_ago: days((time, limit) => time < limit, -1),
  less_than_x_days_ago: days((time, limit, now) => time >= limit && time <= now, -1),
  greater_than_x_days_in_the_future: days((time, limit) => time > limit, 1),
  less_than_x_days_in_the_future: days((time, limit, now) => time >= now && time <= limit, 1),
}
const STRING_OPERATORS = {
  equals,
  not_equal: negated(equals),
  contains: containsText,
  does_not_contain: negated(containsText),
  matches_regex: matches,
  does_not_match_regex: doesNotMatch,
}

const OPERATORS: { readonly [Type in AttributeType]: Readonly<Record<string, Build>> } = {
  string: { ...STRING_OPERATORS, ...PRESENCE },
  number: { ...NUMBER_OPERATORS, ...PRESENCE },
  boolean: { equals, not_equal: negated(equals), ...PRESENCE },
  array: { ...ARRAY_OPERATORS, ...PRESENCE },
  time: { ...TIME_OPERATORS, ...PRESENCE },
  object: PRESENCE,
  object_array: PRESENCE,
}

function isEqual(value: Json, operand: Json, { rules }: FilterContext): boolean {
  return rules.filterTyped ? value === operand : String(value) === String(operand)
}

function isAbsent(value: Json): boolean {
  return value === null
}

function isBlank(value: Json, isEmptyTextBlank: boolean): boolean {
  return (
    isAbsent(value) ||
    (value === '' && isEmptyTextBlank) ||
    (Array.isArray(value) && value.length === 0)
  )
}

function itemsOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : []
}
