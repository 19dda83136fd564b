import { itemAt } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import { parseInstant } from '../values/instant.ts'
import type { ValueType } from '../values/value-type.ts'
import type { Leaf, LeafOperand } from './compiled.ts'
import { operandText } from './condition.ts'
import type { EventCount, FilterNode, FilterPath, ValueCondition } from './condition.ts'
import { eventLeaf, valueLeaf } from './leaf.ts'

/** What contradictions are found by. */
interface Scope {
  readonly traits: Pick<ReadonlyMap<string, ValueType | null>, 'get'>
  readonly timeZone?: string
}

interface Contradiction {
  readonly code: 'FILTER_NEVER' | 'FILTER_CONTRADICTION'
  readonly message: string
  readonly hint: string
  readonly path: FilterPath
}

/** A condition, or its negation, that must hold. */
interface Demand {
  readonly condition: ValueCondition | EventCount
  readonly wanted: boolean
  readonly path: FilterPath
}

const DECIDABLE = new Set([
  'equals',
  'not_equals',
  'in',
  'not_in',
  'more_than',
  'less_than',
  'exactly',
  'is_blank',
  'before',
  'after',
])
const EXACT = new Set(['equals', 'in'])

/**
 * Conditions that cannot be true together, told once for each group on the same trait, audience or
 * event.
 *
 * Shape: a filter whose conditions are sound in. Decided by trying the values that could make a
 * difference, so what is reported is certain; patterns are only tried beside a list of exact
 * values.
 */
export function findContradictions(root: FilterNode, scope: Scope): readonly Contradiction[] {
  if (root.op === 'condition' || root.op === 'not')
    return contradictionsIn([root], root.path, scope)
  if (root.op === 'any') return root.children.flatMap((child) => findContradictions(child, scope))
  const own = contradictionsIn(flattened(root), root.path, scope)
  const below = root.children.flatMap((child) =>
    child.op === 'any' ? findContradictions(child, scope) : [],
  )
  return [...own, ...below]
}

/** Children of an `all`, with those of an `all` inside it. */
function flattened(node: FilterNode): readonly FilterNode[] {
  return node.op === 'all' ? node.children.flatMap(flattened) : [node]
}

function contradictionsIn(
  nodes: readonly FilterNode[],
  path: FilterPath,
  scope: Scope,
): readonly Contradiction[] {
  const groups = new Map<string, Demand[]>()
  for (const node of nodes) {
    const demand = demandOf(node)
    if (demand === null) continue
    const key = groupKey(demand.condition)
    groups.set(key, [...(groups.get(key) ?? []), demand])
  }
  return [...groups.values()].flatMap((group) => contradictionOf(group, path, scope) ?? [])
}

function demandOf(node: FilterNode): Demand | null {
  if (node.op === 'condition') return { condition: node.condition, wanted: true, path: node.path }
  if (node.op === 'not' && node.child.op === 'condition')
    return { condition: node.child.condition, wanted: false, path: node.path }
  return null
}

function groupKey(condition: ValueCondition | EventCount): string {
  if (condition.kind !== 'event')
    return JSON.stringify([condition.kind, operandText(condition.operand)])
  return JSON.stringify(['event', condition.name, condition.narrow, condition.withinDays])
}

/** What is wrong with demands on one thing; null when some value satisfies them all. */
function contradictionOf(
  group: readonly Demand[],
  path: FilterPath,
  scope: Scope,
): Contradiction | null {
  const first = itemAt(group, 0)
  const { condition } = first
  if (condition.kind === 'event' ? someCount(group) : someValue(group, condition.operand, scope))
    return null
  const what =
    condition.kind === 'event'
      ? `event "${condition.name}"`
      : `${condition.kind} "${operandText(condition.operand)}"`
  if (group.length === 1) {
    const message = `this condition on ${what} can never be true`
    return {
      code: 'FILTER_NEVER',
      message,
      hint: 'Compare with a value that occurs, or remove it.',
      path: first.path,
    }
  }
  const message = `these ${group.length} conditions on ${what} can never be true together`
  return {
    code: 'FILTER_CONTRADICTION',
    message,
    hint: 'Join them by `any` if one of them is enough.',
    path,
  }
}

function someCount(group: readonly Demand[]): boolean {
  const leaves = group.map(({ condition, wanted }) => ({
    wanted,
    leaves: (condition as EventCount).tests.map(
      (test) => eventLeaf(condition as EventCount, test) as Extract<Leaf, { type: 'event' }>,
    ),
  }))
  const limits = group.flatMap(({ condition }) =>
    (condition as EventCount).tests.map(({ comparand }) => comparand),
  )
  const counts = limits
    .flatMap((limit) => [limit - 1, limit, limit + 1])
    .filter((count) => count >= 0)
  return counts.some((count) =>
    leaves.every((demand) => demand.leaves.every((leaf) => leaf.test(count)) === demand.wanted),
  )
}

function someValue(group: readonly Demand[], operand: LeafOperand, scope: Scope): boolean {
  const demanded = group.map(({ condition, wanted }) => ({
    tests: (condition as ValueCondition).tests,
    wanted,
  }))
  const all = candidatesFor(demanded, scope)
  if (all === null) return true
  const isInteger = typeOf(scope)(operand) === 'integer'
  const candidates = isInteger
    ? all.filter((value) => typeof value !== 'number' || Number.isInteger(value))
    : all
  const options = {
    typeOf: typeOf(scope),
    ...(scope.timeZone === undefined ? {} : { timeZone: scope.timeZone }),
  }
  const demands = demanded.map(({ wanted, tests }) => ({
    wanted,
    leaves: tests.map((test) => valueLeaf(operand, test, options)),
  }))
  return candidates.some((value) =>
    demands.every(({ wanted, leaves }) => leaves.every((leaf) => verdict(leaf, value)) === wanted),
  )
}

function verdict(leaf: Leaf, value: Json): boolean {
  if (leaf.type !== 'value') return false
  return value === null ? leaf.absent : leaf.test(value)
}

function typeOf(scope: Scope): (operand: LeafOperand) => ValueType | null {
  return (operand) => scope.traits.get(operandText(operand)) ?? null
}

/**
 * Values one of which must satisfy the conditions if any value does, or null when that cannot be
 * told.
 */
function candidatesFor(
  demanded: readonly (Pick<ValueCondition, 'tests'> & Pick<Demand, 'wanted'>)[],
  scope: Scope,
): readonly Json[] | null {
  const exact = demanded
    .flatMap(({ tests, wanted }) => (wanted ? tests : []))
    .find(({ operator }) => EXACT.has(operator))
  const tests = demanded.flatMap((demand) => demand.tests)
  if (tests.some(({ operator }) => operator.endsWith('_days_ago'))) return null
  if (exact !== undefined) {
    const { comparand } = exact
    return [...(Array.isArray(comparand) ? comparand : [comparand as Json]), null]
  }
  if (!tests.every(({ operator }) => DECIDABLE.has(operator))) return null
  return [
    null,
    '',
    'any other text',
    true,
    false,
    [],
    ['element'],
    { member: 1 },
    ...tests.flatMap(({ comparand }) => around(comparand as Json, scope)),
  ]
}

/** A comparand and its neighbours: the next numbers, the next instants. */
function around(comparand: Json, scope: Scope): readonly Json[] {
  if (Array.isArray(comparand)) return comparand.flatMap((item) => around(item, scope))
  if (typeof comparand === 'number') return neighbours(comparand)
  if (typeof comparand !== 'string') return []
  const instant = parseInstant(comparand, scope.timeZone)
  return instant === null
    ? [comparand]
    : [comparand, ...[-1, 0, 1].map((step) => new Date(instant + step).toISOString())]
}

function neighbours(value: number): readonly number[] {
  const step = Math.max(Math.abs(value) * Number.EPSILON * 2, Number.MIN_VALUE)
  return [
    value - 1,
    value - step,
    value,
    value + step,
    value + 1,
    Math.floor(value),
    Math.ceil(value),
  ]
}
