import { onlyOf } from '@engage-sync/contract'
import { VALUE_TYPES } from '../../values/value-type.ts'
import type { ValueType } from '../../values/value-type.ts'
import type { LeafOperand } from '../compiled.ts'
import type { Test } from '../condition.ts'
import { valueLeaf } from '../leaf.ts'
import type { Comparand } from '../operator-tests.ts'
import { fitsRow } from '../row-fits.ts'
import { operatorRows } from '../operators.ts'
import { verdictOfEmptyText, verdictWithoutValue } from './braze-meaning.ts'
import type { Kitchen } from './kitchen.ts'
import { traitPlace } from './operand-place.ts'
import { attributeNode, joined } from './recipe-node.ts'
import type { RecipeNode } from './recipe-node.ts'
import { truthFilters } from './truth-filters.ts'
import { blankFilter, valueFilters } from './value-filters.ts'
import type { ValueTest } from './value-filters.ts'

/** One operator on a trait, or its opposite. */
export interface TraitTest {
  readonly operand: LeafOperand
  readonly test: Test<Comparand>
  readonly isNegated: boolean
}

/**
 * The filters of the dashboard for one operator on a trait; by data type where the trait has none.
 */
export function traitFilters(
  { operand, test, isNegated }: TraitTest,
  kitchen: Kitchen,
): RecipeNode {
  const place = traitPlace(operand, kitchen)
  const types = typesOf(operand, test, kitchen)
  const isOpen = types.length > 1
  if (isOpen && test.operator === 'is_blank') {
    kitchen.mind(
      '"is blank" reads "is empty" for an array; a boolean is blank when it is neither true nor false.',
    )
    const operator = (test.comparand === true) !== isNegated ? 'is blank' : 'is not blank'
    return attributeNode(place, { type: null, operator })
  }
  const parts = types.map((type) =>
    withBlanks({ operand, value: { place, type, test, isNegated } }, kitchen),
  )
  return onlyOf(parts) ?? byType(parts)
}

/** One filter where the dashboard has the same for every type, else one a type. */
function byType(parts: readonly RecipeNode[]): RecipeNode {
  const same = parts.map((part) => (part.join === null ? { ...part.filter, type: null } : null))
  const [first] = same
  const isSame = same.every((one) => JSON.stringify(one) === JSON.stringify(first))
  return isSame && first ? { join: null, filter: first } : { join: 'TYPE', parts }
}

/** Types the attribute can have in Braze; both kinds of number are one. */
function typesOf(
  operand: LeafOperand,
  test: Test<Comparand>,
  kitchen: Kitchen,
): readonly ValueType[] {
  const type = kitchen.types.typeOf(operand)
  if (type !== null) return [type]
  const rows = operatorRows(test.operator, null).filter((row) => fitsRow(row, test.comparand))
  const possible = new Set(rows.flatMap((row) => row.types))
  return VALUE_TYPES.filter((each) => each !== 'integer' && possible.has(each))
}

interface TypedTest {
  readonly operand: LeafOperand
  readonly value: ValueTest
}

/** The filters of one type, with what is blank added or taken away, as the condition has it. */
function withBlanks({ operand, value }: TypedTest, kitchen: Kitchen): RecipeNode {
  const { place, type, test, isNegated } = value
  const leaf = valueLeaf(operand, test, { typeOf: () => type })
  const ofAbsent = leaf.type !== 'event' && leaf.absent !== isNegated
  if (type === 'boolean' && leaf.type === 'value') {
    const of = (given: boolean): boolean => leaf.test(given) !== isNegated
    return truthFilters(place, { ofTrue: of(true), ofFalse: of(false), ofAbsent })
  }
  const filters = valueFilters(value)
  tellLimits(value, kitchen)
  const node =
    verdictWithoutValue(filters) === (ofAbsent ? 'yes' : 'no')
      ? filters
      : withBlank(filters, value, ofAbsent)
  if (type === 'string' && leaf.type === 'value') {
    const ofEmpty = leaf.test('') !== isNegated
    if (verdictOfEmptyText(node) !== (ofEmpty ? 'yes' : 'no'))
      kitchen.differ(`An empty text in "${place.name}" counts as no value in Braze.`)
  }
  return node
}

function withBlank(filters: RecipeNode, value: ValueTest, isBlankWanted: boolean): RecipeNode {
  return joined(isBlankWanted ? 'OR' : 'AND', [filters, blankFilter(value, isBlankWanted)])
}

/** What Braze's operators do not do, or what its documents do not say they do. */
function tellLimits({ place, type, test, isNegated }: ValueTest, kitchen: Kitchen): void {
  const { operator, comparand } = test
  const isMoment = operator === 'before' || operator === 'after'
  if (isMoment && isNegated)
    kitchen.mind(
      `The very moment ${String(comparand)} is left out: Braze has no "at the earliest" or "at the latest".`,
    )
  if (operator.endsWith('_days_ago') && !Number.isInteger(comparand))
    kitchen.mind('Whether Braze takes a fraction of a day there is not documented.')
  if (type === 'object')
    kitchen.differ(`Braze names no filter for whether the object "${place.name}" is set.`)
  if (
    type === 'array' &&
    (operator === 'not_matches') !== isNegated &&
    operator.endsWith('matches')
  )
    kitchen.differ(
      `Braze has no "does not match regex" for arrays such as "${place.name}": send this segment as an attribute or a cohort.`,
    )
}
