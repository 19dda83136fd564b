import type { ConfigPath } from '../model/source-range.ts'
import { EVENT_OPERATORS, TRAIT_OPERATORS } from '../schema/vocabulary.ts'
import type {
  AudienceConditionConfig,
  EventConditionConfig,
  FilterConfig,
  TraitConditionConfig,
} from '../schema/filter.ts'

/** A condition of a filter with its path inside the filter. */
export type PlacedCondition =
  | { readonly type: 'trait'; readonly condition: TraitConditionConfig; readonly path: ConfigPath }
  | {
      readonly type: 'audience'
      readonly condition: AudienceConditionConfig
      readonly path: ConfigPath
    }
  | { readonly type: 'event'; readonly condition: EventConditionConfig; readonly path: ConfigPath }

/** Lists the conditions of a filter in the order of the file. */
export function conditionsOf(
  filter: FilterConfig,
  path: ConfigPath = [],
): readonly PlacedCondition[] {
  if ('all' in filter)
    return filter.all.flatMap((child, index) => conditionsOf(child, [...path, 'all', index]))
  if ('any' in filter)
    return filter.any.flatMap((child, index) => conditionsOf(child, [...path, 'any', index]))
  if ('not' in filter) return conditionsOf(filter.not, [...path, 'not'])
  if ('event' in filter) return [{ type: 'event', condition: filter, path }]
  if ('trait' in filter) return [{ type: 'trait', condition: filter, path }]
  return [{ type: 'audience', condition: filter, path }]
}

/** The operators a trait condition names. */
export function operatorsIn(condition: TraitConditionConfig) {
  return TRAIT_OPERATORS.filter((operator) => condition[operator] !== undefined)
}

/** The operators an event condition names. */
export function eventOperatorsIn(condition: EventConditionConfig) {
  return EVENT_OPERATORS.filter((operator) => condition[operator] !== undefined)
}
