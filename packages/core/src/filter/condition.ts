import { joinDottedName, splitDottedName } from '../names/dotted-name.ts'
import type { FilterConfig } from '../schema/filter.ts'
import type { LeafOperand } from './compiled.ts'
import type { Comparand } from './operator-tests.ts'
import { EVENT_OPERATOR_TABLE } from './event-operators.ts'
import { TRAIT_OPERATOR_TABLE } from './operators.ts'

/** One operator of a condition with what it is compared with. */
export interface Test<Value> {
  readonly operator: string
  readonly comparand: Value
}

/** A condition on one value. Several operators on it hold together. */
export interface ValueCondition {
  readonly kind: 'trait' | 'audience'
  readonly operand: LeafOperand
  readonly tests: readonly Test<Comparand>[]
}

/** A condition on delivered events. */
export interface EventCount {
  readonly kind: 'event'
  readonly name: string
  readonly narrow: LeafOperand | null
  readonly withinDays: number | null
  readonly tests: readonly Test<number>[]
}

/** Where in a filter something stands: keys and indexes from its root. */
export type FilterPath = readonly (string | number)[]

/** A filter as a tree of conditions, each with its place. */
export type FilterNode =
  | {
      readonly op: 'all' | 'any'
      readonly children: readonly FilterNode[]
      readonly path: FilterPath
    }
  | { readonly op: 'not'; readonly child: FilterNode; readonly path: FilterPath }
  | {
      readonly op: 'condition'
      readonly condition: ValueCondition | EventCount
      readonly path: FilterPath
    }

const TRAIT_OPERATOR_NAMES: ReadonlySet<string> = new Set(
  TRAIT_OPERATOR_TABLE.map(({ operator }) => operator),
)
const EVENT_OPERATOR_NAMES: ReadonlySet<string> = new Set(
  EVENT_OPERATOR_TABLE.map(({ operator }) => operator),
)

/** Read a filter as written into one shape; judges nothing. */
export function readFilter(filter: FilterConfig, path: FilterPath = []): FilterNode {
  if ('all' in filter) return { op: 'all', children: readAll(filter.all, [...path, 'all']), path }
  if ('any' in filter) return { op: 'any', children: readAll(filter.any, [...path, 'any']), path }
  if ('not' in filter) return { op: 'not', child: readFilter(filter.not, [...path, 'not']), path }
  return { op: 'condition', condition: readCondition(filter), path }
}

function readAll(filters: readonly FilterConfig[], path: FilterPath): readonly FilterNode[] {
  return filters.map((filter, index) => readFilter(filter, [...path, index]))
}

type ConditionConfig = Exclude<
  FilterConfig,
  { readonly all: unknown } | { readonly any: unknown } | { readonly not: unknown }
>

function readCondition(filter: ConditionConfig): ValueCondition | EventCount {
  if ('event' in filter) {
    const narrow =
      filter.trait === undefined ? narrowingAudience(filter) : traitOperand(filter.trait)
    const withinDays = filter.within_days ?? null
    return {
      kind: 'event',
      name: filter.event,
      narrow,
      withinDays,
      tests: testsOf<number>(filter, EVENT_OPERATOR_NAMES),
    }
  }
  if ('audience' in filter) {
    return {
      kind: 'audience',
      operand: audienceOperand(filter.audience),
      tests: [{ operator: 'equals', comparand: filter.equals }],
    }
  }
  return {
    kind: 'trait',
    operand: traitOperand(filter.trait),
    tests: testsOf<Comparand>(filter, TRAIT_OPERATOR_NAMES),
  }
}

function testsOf<Value>(filter: object, names: ReadonlySet<string>): readonly Test<Value>[] {
  return Object.entries(filter)
    .filter(([operator, comparand]) => names.has(operator) && comparand !== undefined)
    .map(([operator, comparand]) => ({ operator, comparand: comparand as Value }))
}

function traitOperand(text: string): LeafOperand {
  const { name, path } = splitDottedName(text)
  return { kind: 'trait', key: name, path }
}

/** Audience keys are computation keys; `\.` is a literal dot there too. */
function audienceOperand(text: string): LeafOperand {
  const { name, path } = splitDottedName(text)
  return { kind: 'audience', key: [name, ...path].join('.'), path: [] }
}

function narrowingAudience({ audience }: { readonly audience?: string }): LeafOperand | null {
  return audience === undefined ? null : audienceOperand(audience)
}

/** An operand as the configuration writes it. */
export function operandText(operand: LeafOperand): string {
  return operand.kind === 'audience'
    ? operand.key
    : joinDottedName({ name: operand.key, path: operand.path })
}

/** Every condition of a filter, in the order of the file. */
export function conditionsOf(
  node: FilterNode,
): readonly { readonly condition: ValueCondition | EventCount; readonly path: FilterPath }[] {
  if (node.op === 'condition') return [{ condition: node.condition, path: node.path }]
  return node.op === 'not' ? conditionsOf(node.child) : node.children.flatMap(conditionsOf)
}
