import type { NormalisedAttribute, NormalisedSegment } from '../model/mapping.ts'
import type { NormalisedSync } from '../model/sync.ts'
import type { LeafOperand } from './compiled.ts'
import { operandText, readFilter } from './condition.ts'
import type { EventCount, Test, ValueCondition } from './condition.ts'
import { withoutNot } from './negation.ts'
import type { PositiveNode } from './negation.ts'
import type { Comparand } from './operator-tests.ts'
import { operatorRows } from './operators.ts'
import { traitTypesOf } from './trait-types.ts'
import type { TraitTypes } from './trait-types.ts'

interface Kitchen {
  readonly sync: NormalisedSync
  readonly types: TraitTypes
  readonly notes: string[]
}

const ONLY_OPPOSITE: Readonly<Record<string, string>> = {
  not_contains: "doesn't contain any of / includes none of",
  not_before: 'after (or exactly then)',
  not_after: 'before (or exactly then)',
  in_future: 'in the future (in less than 3650 days)',
}

/**
 * How to build the same segment by hand in Braze's dashboard, line by line.
 *
 * Shape: a segment and its sync in; lines of text out, the conditions indented by how they are joined, then what
 * stands in the way (values that no mapping sends, conditions Braze cannot express).
 */
export function brazeRecipe(segment: NormalisedSegment, sync: NormalisedSync): readonly string[] {
  const kitchen: Kitchen = { sync, types: traitTypesOf(sync), notes: [] }
  const name = segment.cohort?.name ?? segment.key
  const lines = nodeLines(withoutNot(readFilter(segment.when)), kitchen, 1)
  const notes = kitchen.notes.length === 0 ? [] : ['', 'Mind:', ...new Set(kitchen.notes.map((note) => `  - ${note}`))]
  return [`In Braze: Audience > Segments > Create Segment, name it "${name}", then add these filters.`, ...lines, ...notes]
}

function nodeLines(node: PositiveNode, kitchen: Kitchen, depth: number): readonly string[] {
  const indent = '  '.repeat(depth)
  if (node.op === 'test') return [indent + testLine(node.condition, node.test, kitchen)]
  if (node.op === 'count') return [indent + countLine(node.condition, node.test, kitchen)]
  const heading = node.op === 'all' ? 'all of these (AND):' : 'at least one of these (OR):'
  return [indent + heading, ...node.children.flatMap((child) => nodeLines(child, kitchen, depth + 1))]
}

function testLine({ operand }: ValueCondition, test: Test<Comparand>, kitchen: Kitchen): string {
  const type = kitchen.types.typeOf(operand)
  const row = operatorRows(test.operator, type)[0]
  const { filter, name } = attributeFilter(operand, kitchen)
  const dashboard = ONLY_OPPOSITE[test.operator] ?? dashboardOperator(row?.dashboard ?? test.operator, test.comparand)
  const value = typeof test.comparand === 'boolean' ? '' : ` ${comparandText(test.comparand)}`
  if (row?.absent === 'switch')
    kitchen.notes.push(`Whether "${row.dashboard}" holds for users without a value is not documented by Braze; here it does.`)
  return `${filter} "${name}" ${dashboard.replace('…', comparandText(test.comparand))}${dashboard.includes('…') ? '' : value}`
}

/** Of `is true / is false`, the half that is meant. */
function dashboardOperator(text: string, comparand: Comparand): string {
  const [first, second] = text.split(' / ')
  if (second === undefined || typeof comparand !== 'boolean') return text
  const isOpposite = text.includes('or not set')
  return comparand !== isOpposite ? first : second
}

function comparandText(comparand: Comparand): string {
  if (Array.isArray(comparand)) return comparand.map((item) => JSON.stringify(item)).join(', ')
  return typeof comparand === 'string' ? JSON.stringify(comparand) : String(comparand)
}

function attributeFilter(operand: LeafOperand, kitchen: Kitchen): { filter: string; name: string } {
  const key = operandText(operand)
  const { sync, notes } = kitchen
  const mapping = operand.kind === 'audience' ? sync.audiences.get(key) : sync.traits.get(key)
  const attribute = mapping?.send === false ? null : (mapping?.attribute ?? null)
  if (attribute === null) {
    const cohort = operand.kind === 'audience' ? sync.audiences.get(key)?.cohort : null
    if (cohort) return { filter: 'Segment Cohorts', name: cohort.name }
    notes.push(`The ${operand.kind} "${key}" is not sent as an attribute: give it one first.`)
    return { filter: 'Custom Attributes', name: key }
  }
  return { filter: filterName(attribute, notes), name: [attribute.name, ...attribute.path].join('.') }
}

function filterName(attribute: NormalisedAttribute, notes: string[]): string {
  if (attribute.element !== null) notes.push(`"${attribute.name}" is a shared array: choose "includes any of" with "${attribute.element}".`)
  if (attribute.standard) return 'Default attribute'
  return attribute.path.length === 0 ? 'Custom Attributes' : 'Nested Custom Attributes'
}

function countLine(condition: EventCount, { operator, comparand }: Test<number>, { notes }: Kitchen): string {
  const words = operator.replace('_', ' ')
  if (condition.narrow !== null) {
    notes.push(`Braze counts events by name: "${condition.name}" of ${operandText(condition.narrow)} alone needs an event name of its own.`)
  }
  if (condition.withinDays === null) return `Custom Event "${condition.name}" ${words} ${comparand} times`
  return `X Custom Event in Y Days "${condition.name}" ${words} ${comparand} times in the past ${condition.withinDays} calendar days`
}
