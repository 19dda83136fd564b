import { canonicalText, isSameJson } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import { conditionsOf, operandText, readFilter } from '../filter/condition.ts'
import type { EventCount, FilterNode, ValueCondition } from '../filter/condition.ts'
import type { NormalisedSegment } from '../model/mapping.ts'
import { OPTION_DEFAULTS } from './options.ts'
import type { MappingOptions } from './options.ts'

type FilterConfig = NormalisedSegment['when']

/** An option that became another, as text for people; null where it is not set. */
export interface OptionChange {
  /**
   * As the configuration names it; of a filter `when.<trait>.<operator>`, `when.<trait>`, or
   * `when`.
   */
  readonly option: string
  readonly before: string | null
  readonly after: string | null
}

/**
 * Which options differ, old and new.
 *
 * Shape: in the order of the new options, then those that are gone; of a filter each condition that
 * came, went or is compared with something else, and the whole filter where its conditions are
 * combined otherwise. Empty for options that mean the same.
 */
export function optionChanges(
  before: MappingOptions,
  after: MappingOptions,
): readonly OptionChange[] {
  const names = new Set([...Object.keys(after), ...Object.keys(before)])
  const isRead = typesRead(before, after)
  return [...names].filter(isRead).flatMap((option) => {
    const old = before[option] ?? null
    const now = after[option] ?? null
    if (isSameJson(old, now)) return []
    if (option === 'when' && isFilter(old) && isFilter(now)) return filterChanges(old, now)
    return [{ option, before: shown(option, old), after: shown(option, now) }]
  })
}

/** The type of an operand tells nothing where a condition on it came or went. */
function typesRead(before: MappingOptions, after: MappingOptions): (option: string) => boolean {
  const operands = [before, after].map(({ when = null }) =>
    isFilter(when) ? testsOf(readFilter(when)).map(({ operand }) => operand) : [],
  )
  return (option) => {
    const operand = /^when\.(.*)\.type$/s.exec(option)?.[1]
    return operand === undefined || operands.every((known) => known.includes(operand))
  }
}

function isFilter(value: Json): value is Json & FilterConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(option: string, value: Json): string | null {
  const there = value ?? OPTION_DEFAULTS[option] ?? null
  if (there === null) return null
  return option === 'when' && isFilter(there) ? filterText(readFilter(there)) : valueText(there)
}

function valueText(value: Json): string {
  return typeof value === 'string' ? value : canonicalText(value)
}

/** One test of a condition: what it looks at, and what it asks of that. */
interface FilterTest {
  readonly operand: string
  readonly operator: string
  readonly comparand: string
  /** Of an event: which of its deliveries count. */
  readonly scope: string
}

function filterChanges(before: FilterConfig, after: FilterConfig): readonly OptionChange[] {
  const [old, now] = [readFilter(before), readFilter(after)]
  const pairs = pairTests(testsOf(old), testsOf(now))
  const changes = pairs.filter(({ from, to }) => textOf(from) !== textOf(to)).map(testChange)
  const kept = (side: 'from' | 'to') =>
    new Map(
      pairs.flatMap(({ from, to }, number) =>
        from !== null && to !== null ? [[textOf(side === 'from' ? from : to), `#${number}`]] : [],
      ),
    )
  if (skeleton(old, kept('from')) === skeleton(now, kept('to'))) return changes
  return [{ option: 'when', before: filterText(old), after: filterText(now) }]
}

type TestPair =
  | { readonly from: FilterTest; readonly to: FilterTest | null }
  | { readonly from: null; readonly to: FilterTest }

/**
 * Equal tests first, then those with the same operator, then those of the same operand; the rest
 * came or went.
 */
function pairTests(
  before: readonly FilterTest[],
  after: readonly FilterTest[],
): readonly TestPair[] {
  const left = [...before]
  const paired = new Map<FilterTest, FilterTest>()
  for (const key of [textOf, operatorOf, ({ operand }: FilterTest) => operand]) {
    for (const to of after) {
      if (paired.has(to)) continue
      const from = left.find((one) => key(one) === key(to))
      if (from === undefined) continue
      left.splice(left.indexOf(from), 1)
      paired.set(to, from)
    }
  }
  return [
    ...after.map((to) => ({ from: paired.get(to) ?? null, to })),
    ...left.map((from) => ({ from, to: null })),
  ]
}

function testChange({ from, to }: TestPair): OptionChange {
  const { operand, operator } = from ?? to
  const isSame =
    from !== null && to !== null && operatorOf(from) === operatorOf(to) && from.scope === to.scope
  return isSame
    ? { option: `when.${operand}.${operator}`, before: from.comparand, after: to.comparand }
    : { option: `when.${to?.operand ?? operand}`, before: askedOf(from), after: askedOf(to) }
}

function askedOf(test: FilterTest | null): string | null {
  return test === null ? null : `${test.operator} ${test.comparand}${test.scope}`
}

function textOf(test: FilterTest | null): string {
  return test === null ? '' : `${test.operand} ${askedOf(test)}`
}

function operatorOf({ operand, operator }: FilterTest): string {
  return `${operand} ${operator}`
}

function testsOf(node: FilterNode): readonly FilterTest[] {
  return conditionsOf(node).flatMap(({ condition }) => testsOfCondition(condition))
}

function testsOfCondition(condition: ValueCondition | EventCount): readonly FilterTest[] {
  const isEvent = condition.kind === 'event'
  const operand = isEvent ? eventOperand(condition) : operandText(condition.operand)
  const scope =
    isEvent && condition.withinDays !== null ? ` within ${condition.withinDays} days` : ''
  return condition.tests.map(({ operator, comparand }) => ({
    operand,
    operator,
    comparand: valueText(comparand as Json),
    scope,
  }))
}

function eventOperand({ name, narrow }: EventCount): string {
  return narrow === null ? `event ${name}` : `event ${name} of ${operandText(narrow)}`
}

/** A filter on one line: `all of (plan equals pro, not (vip equals true))`. */
function filterText(node: FilterNode): string {
  return combined(node, textOf) ?? ''
}

/** How the tests that stand on both sides are combined; those on one side alone are left out. */
function skeleton(node: FilterNode, kept: ReadonlyMap<string, string>): string | null {
  return combined(node, (test) => kept.get(textOf(test)) ?? null)
}

function combined(node: FilterNode, tell: (test: FilterTest) => string | null): string | null {
  if (node.op === 'condition') return joined('all', testsOfCondition(node.condition).map(tell))
  if (node.op !== 'not')
    return joined(
      node.op,
      node.children.map((child) => combined(child, tell)),
    )
  const child = combined(node.child, tell)
  return child === null ? null : `not (${child})`
}

function joined(op: 'all' | 'any', parts: readonly (string | null)[]): string | null {
  const there = parts.filter((part) => part !== null)
  if (there.length < 2) return there[0] ?? null
  return `${op} of (${there.join(', ')})`
}
