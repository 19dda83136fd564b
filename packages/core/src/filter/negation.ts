import type { EventCount, FilterNode, Test, ValueCondition } from './condition.ts'
import type { Comparand } from './operator-tests.ts'

/** A filter without `not`: conditions joined by `all` and `any`, as Braze's dashboard has them. */
export type PositiveNode =
  | { readonly op: 'all' | 'any'; readonly children: readonly PositiveNode[] }
  | { readonly op: 'test'; readonly condition: ValueCondition; readonly test: Test<Comparand> }
  | { readonly op: 'count'; readonly condition: EventCount; readonly test: Test<number> }

const OPPOSITES: Readonly<Record<string, readonly string[]>> = {
  equals: ['not_equals'],
  not_equals: ['equals'],
  in: ['not_in'],
  not_in: ['in'],
  matches: ['not_matches', 'is_blank'],
  not_matches: ['matches', 'is_blank'],
  contains: ['not_contains'],
  more_than: ['less_than', 'exactly'],
  less_than: ['more_than', 'exactly'],
  exactly: ['not_equals'],
  before: ['not_before', 'is_blank'],
  after: ['not_after', 'is_blank'],
  more_than_days_ago: ['less_than_days_ago', 'in_future', 'is_blank'],
  less_than_days_ago: ['more_than_days_ago', 'in_future', 'is_blank'],
}

/**
 * The same filter with every `not` carried down to the conditions, which then use the opposite operators.
 *
 * Shape: operators that only exist as opposites are `not_contains`, `not_before`, `not_after` and `in_future`.
 */
export function withoutNot(node: FilterNode, isNegated = false): PositiveNode {
  if (node.op === 'not') return withoutNot(node.child, !isNegated)
  if (node.op !== 'condition') {
    const op = (node.op === 'all') === isNegated ? 'any' : 'all'
    return { op, children: node.children.map((child) => withoutNot(child, isNegated)) }
  }
  const { condition } = node
  const parts: readonly PositiveNode[] =
    condition.kind === 'event'
      ? condition.tests.map((test) => (isNegated ? oppositeCount(condition, test) : { op: 'count', condition, test }))
      : condition.tests.map((test) => (isNegated ? oppositeTest(condition, test) : { op: 'test', condition, test }))
  return parts.length === 1 ? parts[0] : { op: isNegated ? 'any' : 'all', children: parts }
}

function oppositeTest(condition: ValueCondition, test: Test<Comparand>): PositiveNode {
  if (test.operator === 'is_blank') return { op: 'test', condition, test: { operator: 'is_blank', comparand: test.comparand !== true } }
  const children = OPPOSITES[test.operator].map((operator): PositiveNode => {
    const comparand = operator === 'is_blank' || operator === 'in_future' ? true : test.comparand
    return { op: 'test', condition, test: { operator, comparand } }
  })
  return children.length === 1 ? children[0] : { op: 'any', children }
}

function oppositeCount(condition: EventCount, { operator, comparand }: Test<number>): PositiveNode {
  const count = (name: string, limit: number): PositiveNode => ({ op: 'count', condition, test: { operator: name, comparand: limit } })
  if (operator === 'more_than') return count('less_than', comparand + 1)
  if (operator === 'less_than') return count('more_than', comparand - 1)
  return { op: 'any', children: [count('less_than', comparand), count('more_than', comparand)] }
}
