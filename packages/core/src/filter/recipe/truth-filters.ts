import { attributeNode, joined } from './recipe-node.ts'
import type { RecipeNode, RecipePlace } from './recipe-node.ts'

/** Whom a condition on a boolean takes: those with true, with false, and those without a value. */
export interface Truth {
  readonly ofTrue: boolean
  readonly ofFalse: boolean
  readonly ofAbsent: boolean
}

/**
 * The filter of the dashboard for a boolean attribute. All four of its operators say what they make
 * of a missing value.
 *
 * @see https://www.braze.com/docs/user_guide/data/activation/custom_data/data_types/
 */
export function truthFilters(place: RecipePlace, { ofTrue, ofFalse, ofAbsent }: Truth): RecipeNode {
  const filter = (operator: string): RecipeNode =>
    attributeNode(place, { type: 'boolean', operator })
  if (ofTrue && ofFalse)
    return joined('OR', [filter('is true'), filter(ofAbsent ? 'is false or not set' : 'is false')])
  if (ofTrue) return filter(ofAbsent ? 'is true or not set' : 'is true')
  if (ofFalse) return filter(ofAbsent ? 'is false or not set' : 'is false')
  return joined('AND', [
    filter(ofAbsent ? 'is true or not set' : 'is true'),
    filter(ofAbsent ? 'is false or not set' : 'is false'),
  ])
}
