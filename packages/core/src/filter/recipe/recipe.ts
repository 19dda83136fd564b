import type { NormalisedMapping, NormalisedSegment, PropertyRule } from '../../model/mapping.ts'
import type { NormalisedSync } from '../../model/sync.ts'
import { operandText, readFilter } from '../condition.ts'
import type { EventCount, FilterNode, Test, ValueCondition } from '../condition.ts'
import type { LeafOperand } from '../compiled.ts'
import type { Comparand } from '../operator-tests.ts'
import { traitTypesOf } from '../trait-types.ts'
import { audienceFilters } from './audience-filters.ts'
import { countFilters } from './count-filters.ts'
import { Kitchen } from './kitchen.ts'
import { joined } from './recipe-node.ts'
import type { RecipeFilter, RecipeNode } from './recipe-node.ts'
import { traitFilters } from './trait-filters.ts'
import { recipeLines } from './words.ts'

/** How to build a segment by hand in Braze's dashboard. */
export interface BrazeRecipe {
  /** What to name it. */
  readonly name: string
  readonly filters: RecipeNode
  /** Whether the filters take the very users of the segment; if not, the notes say why. */
  readonly exact: boolean
  readonly notes: readonly string[]
  /**
   * All of it in words, line by line: the filters indented by how they are joined, then the notes.
   */
  readonly lines: readonly string[]
}

/**
 * How to build the same segment by hand in Braze's dashboard.
 *
 * Shape: a segment and its sync in. Braze has no `not`: it is carried down to the conditions, which
 * use the opposite operators; what Braze's documents leave open about missing values is said with
 * filters for blank ones.
 */
export function brazeRecipe(segment: NormalisedSegment, sync: NormalisedSync): BrazeRecipe {
  const kitchen = new Kitchen(sync, traitTypesOf(sync))
  const name = segment.cohort?.name ?? segment.key
  const filters = nodeFilters(readFilter(segment.when), false, kitchen)
  const { notes, isExact: exact } = kitchen
  const lines = [
    `In Braze: Audience > Segments > Create Segment, name it "${name}", then add these filters.`,
    ...recipeLines(filters),
    ...(notes.length === 0
      ? []
      : ['', exact ? 'Mind:' : 'Mind, these filters take other users than the segment here:']),
    ...notes.map((note) => `  - ${note}`),
  ]
  return { name, filters, exact, notes, lines }
}

function nodeFilters(node: FilterNode, isNegated: boolean, kitchen: Kitchen): RecipeNode {
  if (node.op === 'not') return nodeFilters(node.child, !isNegated, kitchen)
  if (node.op !== 'condition') {
    const join = (node.op === 'all') === isNegated ? 'OR' : 'AND'
    return joined(
      join,
      node.children.map((child) => nodeFilters(child, isNegated, kitchen)),
    )
  }
  const { condition } = node
  const parts =
    condition.kind === 'event'
      ? condition.tests.map((test) => eventFilters(condition, { test, isNegated }, kitchen))
      : condition.tests.map((test) => valueFilters(condition, { test, isNegated }, kitchen))
  return joined(isNegated ? 'OR' : 'AND', parts)
}

interface Signed<Value> {
  readonly test: Test<Value>
  readonly isNegated: boolean
}

function valueFilters(
  { kind, operand }: ValueCondition,
  { test, isNegated }: Signed<Comparand>,
  kitchen: Kitchen,
): RecipeNode {
  if (kind === 'trait') return traitFilters({ operand, test, isNegated }, kitchen)
  const isMeant = test.comparand === true
  const truth = {
    ofTrue: isMeant !== isNegated,
    ofFalse: !isMeant !== isNegated,
    ofAbsent: isNegated,
  }
  return audienceFilters(operand, truth, kitchen)
}

function eventFilters(condition: EventCount, signed: Signed<number>, kitchen: Kitchen): RecipeNode {
  kitchen.mind(`Braze counts every event "${condition.name}" it holds, whoever sent it.`)
  return countFilters(condition, { ...signed, property: narrowingProperty(condition, kitchen) })
}

/** The property that tells the events of one mapping from others of that name, or null. */
function narrowingProperty(
  { name, narrow, withinDays }: EventCount,
  kitchen: Kitchen,
): RecipeFilter['property'] {
  if (narrow === null) return null
  const property = keyProperty(narrow, kitchen.sync)
  if (withinDays === null || property === null) {
    kitchen.differ(
      `Braze counts events by name: "${name}" of ${operandText(narrow)} alone needs an event name of its own.`,
    )
    return null
  }
  kitchen.mind(
    `The property "${property}" of "${name}" must be enabled for segmentation (Data Settings > Custom Events).`,
  )
  return { name: property, value: operandText(narrow) }
}

/** What the property that holds the key is called in Braze; null when it does not travel. */
function keyProperty(narrow: LeafOperand, { traits, audiences }: NormalisedSync): string | null {
  const key = operandText(narrow)
  const mapping:
    | (NormalisedMapping & { readonly event: { readonly properties: PropertyRule } | null })
    | undefined = narrow.kind === 'audience' ? audiences.get(key) : traits.get(key)
  const name = narrow.kind === 'audience' ? 'audience_key' : 'trait_key'
  const rule = mapping?.event?.properties
  if (rule === undefined) return null
  return rule === null ? name : (rule.get(name) ?? null)
}
