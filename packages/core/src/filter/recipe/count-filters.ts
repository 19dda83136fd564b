import type { EventCount, Test } from '../condition.ts'
import { joined } from './recipe-node.ts'
import type { RecipeFilter, RecipeNode } from './recipe-node.ts'

/**
 * The filter of the dashboard for a count of events, or for its opposite; users without the event
 * count as 0.
 *
 * Shape: numbers stay as they are written, since X in Y Days takes 0 to 50 alone.
 *
 * @see https://www.braze.com/docs/x-in-y-behavior/
 */
export function countFilters(
  { name, withinDays }: EventCount,
  {
    test,
    isNegated,
    property,
  }: {
    readonly test: Test<number>
    readonly isNegated: boolean
    readonly property: RecipeFilter['property']
  },
): RecipeNode {
  const kind =
    withinDays === null
      ? 'Custom Event'
      : property === null
        ? 'X Custom Event in Y Days'
        : 'X Custom Event Property in Y Days'
  const count = (operator: string): RecipeNode => ({
    join: null,
    filter: {
      kind,
      name,
      path: [],
      type: null,
      operator,
      values: [test.comparand],
      days: withinDays,
      property,
    },
  })
  const words = test.operator.replace('_', ' ')
  if (!isNegated) return count(words)
  return joined('OR', OPERATORS.filter((other) => other !== words).map(count))
}

/** One of them holds for any count. */
const OPERATORS = ['less than', 'more than', 'exactly'] as const
