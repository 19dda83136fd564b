import type { Json, JsonObject } from '@engage-sync/contract'
import { resolveUser } from '../identity/index.ts'
import { drop } from '../model/index.ts'
import type { EventSummary, ObjectPosition, Occurrence, WriteContext } from '../model/index.ts'
import { LIMITS } from '../specification/index.ts'
import { isObject, readDate } from '../values/index.ts'
import { isName } from './names.ts'

const DAY_MS = 86_400_000

/**
 * Writes an event of a track request. Equal events count each: Braze does not tell a repetition
 * from a second event.
 *
 * @see https://www.braze.com/docs/api/objects_filters/event_object/
 */
export function applyEvent(
  object: JsonObject,
  position: ObjectPosition,
  context: WriteContext,
): void {
  const { rules, settings, workspace } = context
  const name = String(object.name)
  const user = resolveUser(object, position, context)
  if (user === null) return
  if (rules.names && !isName(name)) return drop(context, { ...position, name }, 'invalid_name')
  if (rules.blocklist && settings.blockedEvents.includes(name)) {
    drop(context, { ...position, name }, 'blocked_name')
    return
  }
  const properties = keptProperties(object.properties, { ...position, name }, context)
  const time = timeOf(object.time, context)
  record(summaryOf(user.events, name, time), { time, properties }, context)
  workspace.written.events += 1
  context.points.events += 1 + segmentable(name, properties, context)
}

/**
 * Writes a purchase of a track request: one for each of its quantity.
 *
 * @see https://www.braze.com/docs/api/objects_filters/purchase_object/
 */
export function applyPurchase(
  object: JsonObject,
  position: ObjectPosition,
  context: WriteContext,
): void {
  const user = resolveUser(object, position, context)
  if (user === null) return
  const { rules, workspace, points } = context
  const properties = isObject(object.properties) ? object.properties : null
  const occurrence = { time: timeOf(object.time, context), properties }
  const quantity =
    rules.purchaseQuantity && typeof object.quantity === 'number' ? object.quantity : 1
  for (let turn = 0; turn < quantity; turn++)
    record(
      summaryOf(user.purchases, String(object.product_id), occurrence.time),
      occurrence,
      context,
    )
  user.revenue += Number(object.price) * quantity
  workspace.written.purchases += 1
  points.purchases += quantity
}

/** What is held of a name; a new one begins with the time given. */
function summaryOf(summaries: Map<string, EventSummary>, name: string, time: number): EventSummary {
  const known = summaries.get(name)
  if (known !== undefined) return known
  const summary = { count: 0, first: time, last: time, recent: [] }
  summaries.set(name, summary)
  return summary
}

function record(summary: EventSummary, occurrence: Occurrence, { rules, at }: WriteContext): void {
  const { time } = occurrence
  if (!rules.repeatedEvents && summary.recent.some((before) => before.time === time)) return
  summary.count += 1
  if (rules.eventSummary) {
    summary.first = Math.min(summary.first, time)
    summary.last = Math.max(summary.last, time)
  }
  const horizon = at - (LIMITS.eventDays + 1) * DAY_MS
  if (rules.eventDays && time >= horizon) summary.recent.push(occurrence)
  if (summary.recent.length % 64 === 0)
    summary.recent = summary.recent.filter((before) => before.time >= horizon)
}

function timeOf(value: Json | undefined, { rules, at }: WriteContext): number {
  const time = typeof value === 'string' ? readDate(value) : null
  return time === null || (rules.futureEvents && time > at) ? at : time
}

function keptProperties(
  value: Json | undefined,
  position: ObjectPosition & { readonly name: string },
  context: WriteContext,
): JsonObject | null {
  if (!isObject(value)) return null
  const entries = Object.entries(value)
  if (!context.rules.propertyCount || entries.length <= LIMITS.eventProperties) return value
  drop(context, position, 'too_many_properties')
  return Object.fromEntries(entries.slice(0, LIMITS.eventProperties))
}

function segmentable(
  event: string,
  properties: JsonObject | null,
  { rules, settings }: WriteContext,
): number {
  if (properties === null || settings.segmentableProperties.length === 0 || !rules.pointsEvent)
    return 0
  return Object.keys(properties).filter((name) =>
    settings.segmentableProperties.includes(`${event}.${name}`),
  ).length
}
