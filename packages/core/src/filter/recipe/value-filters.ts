import { itemAt } from '@engage-sync/contract'
import type { ValueType } from '../../values/value-type.ts'
import type { Test } from '../condition.ts'
import { TRAIT_OPERATOR_TABLE } from '../operators.ts'
import type { Comparand } from '../operator-tests.ts'
import { attributeNode, joined } from './recipe-node.ts'
import type { RecipeFilter, RecipeNode, RecipePlace } from './recipe-node.ts'

/** One operator on values of one type, or its opposite. */
export interface ValueTest {
  readonly place: RecipePlace
  readonly type: ValueType
  readonly test: Test<Comparand>
  readonly isNegated: boolean
}

type Values = RecipeFilter['values']
type Filter = (operator: string, values?: Values) => RecipeNode
type Build = (filter: Filter, values: Values, isNegated: boolean) => RecipeNode

/**
 * Filters of the dashboard that hold for the same values of one type; of users without a value they
 * may say anything.
 *
 * Shape: `not` is carried down to the operators Braze has. A boolean is not among them:
 * `truthFilters` has it.
 */
export function valueFilters({ place, type, test, isNegated }: ValueTest): RecipeNode {
  const shown = type === 'integer' ? 'number' : type
  const filter: Filter = (operator, values) =>
    attributeNode(place, { type: shown, operator, values })
  if (test.operator === 'is_blank')
    return blankFilter({ place, type }, (test.comparand === true) !== isNegated)
  const values: Values = Array.isArray(test.comparand)
    ? (test.comparand as Values)
    : [test.comparand as Values[number]]
  const build = BUILDERS[shown][test.operator]
  if (build === undefined) throw new RangeError(`no filter for ${test.operator} on ${shown}`)
  return build(filter, values, isNegated)
}

/** The filter for users with a blank value, or with one that is not. */
export function blankFilter(
  { place, type }: Pick<ValueTest, 'place' | 'type'>,
  isBlank: boolean,
): RecipeNode {
  const rows = TRAIT_OPERATOR_TABLE.filter(
    ({ operator, types }) => operator === 'is_blank' && types.includes(type),
  )
  const [blank = '', notBlank = ''] = itemAt(rows, 0).dashboard.split(' / ')
  return attributeNode(place, {
    type: type === 'integer' ? 'number' : type,
    operator: isBlank ? blank : notBlank,
  })
}

/** Two operators, each the opposite of the other for every value. */
function opposites(operator: string, opposite: string): Build {
  return (filter, values, isNegated) => filter(isNegated ? opposite : operator, values)
}

function flipped(build: Build): Build {
  return (filter, values, isNegated) => build(filter, values, !isNegated)
}

const isAnyOf = opposites('is any of', 'is none of')
const matches = opposites('matches regex', 'does not match regex')
const exactly: Build = (filter, values, isNegated) =>
  joined(
    isNegated ? 'AND' : 'OR',
    values.map((value) => filter(isNegated ? 'does not equal' : 'exactly', [value])),
  )

/** An order of numbers: its opposite is the other order, or the number itself. */
function ordered(operator: string, opposite: string): Build {
  return (filter, values, isNegated) =>
    isNegated
      ? joined('OR', [filter(opposite, values), filter('exactly', values)])
      : filter(operator, values)
}

/** Moments ahead have operators of their own, which take a number of days above zero. */
function ago(operator: string, opposite: string): Build {
  return (filter, values, isNegated) =>
    isNegated
      ? joined('OR', [
          filter(opposite, values),
          filter('in less than … days', [1]),
          filter('in more than … days', [1]),
        ])
      : filter(operator, values)
}

/** A whole number is shown as a number. Booleans have filters of their own, objects none. */
const BUILDERS: Readonly<Record<Exclude<ValueType, 'integer'>, Readonly<Record<string, Build>>>> = {
  boolean: {},
  object: {},
  string: {
    equals: isAnyOf,
    in: isAnyOf,
    not_equals: flipped(isAnyOf),
    not_in: flipped(isAnyOf),
    matches,
    not_matches: flipped(matches),
    contains: opposites('contains any of', "doesn't contain any of"),
  },
  number: {
    equals: exactly,
    exactly,
    in: exactly,
    not_equals: flipped(exactly),
    not_in: flipped(exactly),
    more_than: ordered('more than', 'less than'),
    less_than: ordered('less than', 'more than'),
  },
  array: {
    contains: opposites('includes any of', 'includes none of'),
    matches,
    not_matches: flipped(matches),
  },
  time: {
    before: opposites('before', 'after'),
    after: opposites('after', 'before'),
    more_than_days_ago: ago('more than … days ago', 'less than … days ago'),
    less_than_days_ago: ago('less than … days ago', 'more than … days ago'),
  },
}
