import type { LeafOperand } from '../compiled.ts'
import { operandText } from '../condition.ts'
import type { Kitchen } from './kitchen.ts'
import { attributePlace, missing, sentAttribute, tellBackfill } from './operand-place.ts'
import { attributeNode, joined } from './recipe-node.ts'
import type { RecipeNode, RecipePlace } from './recipe-node.ts'
import { truthFilters } from './truth-filters.ts'
import type { Truth } from './truth-filters.ts'

/**
 * The filter of the dashboard for an audience: by its attribute, its element of a shared array, or
 * its cohort.
 *
 * Only an attribute with `on_exit: false` tells those who left from those who never entered.
 */
export function audienceFilters(operand: LeafOperand, truth: Truth, kitchen: Kitchen): RecipeNode {
  const key = operandText(operand)
  const audience = kitchen.sync.audiences.get(key)
  const attribute = sentAttribute(audience)
  const cohort = audience?.send === true ? audience.cohort : null
  if (audience === undefined || (attribute === null && cohort === null))
    return truthFilters(missing('audience', key, kitchen), truth)
  tellBackfill(audience, kitchen)
  if (attribute === null)
    return cohortFilter(cohort?.name ?? key, isWanted(truth, key, kitchen), kitchen)
  const place = attributePlace(attribute, kitchen)
  if (attribute.element !== null)
    return elementFilter(place, attribute.element, isWanted(truth, key, kitchen))
  if (audience.onExit === 'false') return truthFilters(place, truth)
  return truthFilters(place, ofMembers(isWanted(truth, key, kitchen)))
}

/** Members, or everybody else; says so where others are meant. */
function isWanted({ ofTrue, ofFalse, ofAbsent }: Truth, key: string, kitchen: Kitchen): boolean {
  if (ofFalse !== ofAbsent || ofTrue === ofFalse)
    kitchen.differ(
      `Braze cannot tell who left "${key}" from who never entered it: give it an attribute of its own, with on_exit: false.`,
    )
  return ofTrue
}

function ofMembers(isMember: boolean): Truth {
  return { ofTrue: isMember, ofFalse: !isMember, ofAbsent: !isMember }
}

function elementFilter(place: RecipePlace, element: string, isMember: boolean): RecipeNode {
  const filter = (operator: string, values: readonly string[] = []): RecipeNode =>
    attributeNode(place, { type: 'array', operator, values })
  if (isMember) return filter('includes any of', [element])
  return joined('OR', [filter('includes none of', [element]), filter('is empty')])
}

function cohortFilter(cohort: string, isMember: boolean, kitchen: Kitchen): RecipeNode {
  kitchen.mind('The filter for cohorts is named after the partner whose key sends them.')
  const place = { kind: 'Segment Cohorts', name: cohort, path: [] } as const
  return attributeNode(place, { type: null, operator: isMember ? 'includes' : 'does not include' })
}
