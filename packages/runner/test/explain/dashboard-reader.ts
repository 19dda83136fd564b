import type { RecipeFilter, RecipeNode } from '@engage-sync/core'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/**
 * A recipe as the simulator's filter engine takes it, read word by word as somebody in the
 * dashboard reads it.
 *
 * Nothing here is taken from the recipe's maker but its words: each operator stands for the
 * comparison that Braze's pages name for it.
 *
 * @param typeOf - data type Braze gave to an attribute
 * @see https://www.braze.com/docs/user_guide/data/activation/custom_data/data_types/
 */
export function readRecipe(node: RecipeNode, typeOf: (name: string) => string): Json {
  if (node.join === null) return readFilter(node.filter)
  if (node.join !== 'TYPE')
    return { [node.join]: node.parts.map((part) => readRecipe(part, typeOf)) }
  const fits = node.parts.find((part) =>
    part.join === null
      ? part.filter.type === typeOf(part.filter.name)
      : part.join !== 'TYPE' && firstType(part) === typeOf(firstName(part)),
  )
  if (fits === undefined) throw new Error('no part of the recipe fits the type of the attribute')
  return readRecipe(fits, typeOf)
}

function first(node: RecipeNode): RecipeFilter {
  return node.join === null ? node.filter : first(node.parts[0]!)
}

const firstType = (node: RecipeNode): string | null => first(node).type
const firstName = (node: RecipeNode): string => first(node).name

function readFilter(filter: RecipeFilter): Json {
  const { kind, name, path, operator, values, days, property } = filter
  if (kind === 'Segment Cohorts') return { cohort: { name, comparison: COHORTS[operator]! } }
  if (kind.includes('Custom Event')) {
    return {
      custom_event: {
        custom_event_name: name,
        comparison: COUNTS[operator]!,
        value: values[0]!,
        ...(days === null ? {} : { within_days: days }),
        ...(property === null
          ? {}
          : { property_name: property.name, property_value: property.value }),
      },
    }
  }
  const nested =
    path.length === 0
      ? {}
      : { path: path.join('.'), ...(filter.type === null ? {} : { type: filter.type }) }
  const attribute = (comparison: string, value: Json = null): Json => ({
    custom_attribute: { custom_attribute_name: name, comparison, value, ...nested },
  })
  const notSet = attribute('does_not_exist')
  if (operator === 'is true' || operator === 'is false')
    return attribute('equals', operator === 'is true')
  if (operator === 'is true or not set') return { OR: [attribute('equals', true), notSet] }
  if (operator === 'is false or not set') return { OR: [attribute('equals', false), notSet] }
  const comparison = COMPARISONS[operator]
  if (comparison === undefined) throw new Error(`the dashboard has no "${operator}"`)
  return attribute(comparison, values.length > 1 ? values : (values[0] ?? null))
}

const COHORTS: Readonly<Record<string, string>> = {
  includes: 'includes',
  'does not include': 'does_not_include',
}
const COUNTS: Readonly<Record<string, string>> = {
  exactly: 'equals',
  'more than': 'greater_than',
  'less than': 'less_than',
}
const COMPARISONS: Readonly<Record<string, string>> = {
  'is any of': 'equals',
  'is none of': 'not_equal',
  exactly: 'equals',
  'does not equal': 'not_equal',
  'more than': 'greater_than',
  'less than': 'less_than',
  'contains any of': 'contains',
  "doesn't contain any of": 'does_not_contain',
  'matches regex': 'matches_regex',
  'does not match regex': 'does_not_match_regex',
  'includes any of': 'includes_value',
  'includes none of': 'does_not_include_value',
  before: 'before',
  after: 'after',
  'more than … days ago': 'greater_than_x_days_ago',
  'less than … days ago': 'less_than_x_days_ago',
  'in more than … days': 'greater_than_x_days_in_the_future',
  'in less than … days': 'less_than_x_days_in_the_future',
  'is blank': 'does_not_exist',
  'is empty': 'does_not_exist',
  'is not blank': 'exists',
  'has a value': 'exists',
}
