import type { JsonObject } from '@engage-sync/contract'
import type { EventSummary } from '../model/index.ts'
import { DAY_MS, FilterError } from './context.ts'
import type { FilterContext } from './context.ts'

const COMPARISONS: Readonly<Record<string, (count: number, operand: number) => boolean>> = {
  equals: (count, operand) => count === operand,
  greater_than: (count, operand) => count > operand,
  less_than: (count, operand) => count < operand,
}

/**
 * The test of an event filter: how often, over all time or the last Y UTC days, today being day 0.
 *
 * Shape: `{custom_event_name, comparison, value, within_days?, property_name?, property_value?}`
 * in; a test of a summary out.
 *
 * @throws {FilterError} when a member is missing or out of range
 * @see https://www.braze.com/docs/x-in-y-behavior/
 */
export function eventTest(
  filter: JsonObject,
  context: FilterContext,
): (summary: EventSummary | undefined) => boolean {
  const compare = COMPARISONS[String(filter.comparison)]
  if (compare === undefined)
    throw new FilterError(`comparison must be one of ${Object.keys(COMPARISONS).join(', ')}`)
  const { value, within_days: withinDays, property_name: property, property_value: wanted } = filter
  if (!Number.isInteger(value) || (value as number) < 0)
    throw new FilterError('value must be a whole number, 0 or more')
  if (withinDays === undefined) return (summary) => compare(summary?.count ?? 0, value as number)
  if (!Number.isInteger(withinDays) || (withinDays as number) < 1 || (withinDays as number) > 30)
    throw new FilterError('within_days must be a whole number from 1 to 30')
  if ((value as number) > 50)
    throw new FilterError('value must be at most 50 when within_days is given')
  const since = windowStart(withinDays as number, context)
  return (summary) => {
    const recent = (summary?.recent ?? []).filter(
      ({ time }) => time >= since && time <= context.now,
    )
    const counted =
      property === undefined
        ? recent
        : recent.filter(({ properties }) => properties?.[String(property)] === wanted)
    return compare(counted.length, value as number)
  }
}

function windowStart(days: number, { now, rules }: FilterContext): number {
  return rules.filterUtcDays
    ? Math.floor(now / DAY_MS) * DAY_MS - days * DAY_MS
    : now - days * DAY_MS
}
