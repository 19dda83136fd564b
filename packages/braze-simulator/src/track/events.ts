import type { Json, JsonObject } from '@engage-sync/core'
import { drop } from '../applying.ts'
import type { Applying, Place } from '../applying.ts'
import { readDate } from '../dates.ts'
import { isObject } from '../json.ts'
import { LIMITS } from '../limits.ts'
import type { EventSummary, Occurrence } from '../model/user.ts'
import { resolveUser } from './identity.ts'
import { isName } from './names.ts'

const DAY_MS = 86_400_000

/**
 * Writes an event of a track request. Equal events count each: Braze does not tell a repetition from a second event.
 *
 * @see https://www.braze.com/docs/api/objects_filters/event_object/
 */
export function applyEvent(object: JsonObject, place: Place, applying: Applying): void {
  const { rules, settings, workspace } = applying
  const name = String(object.name)
  const user = resolveUser(object, place, applying)
  if (user === null) return
  if (rules.names && !isName(name)) return drop(applying, place, 'invalid_name', name)
  if (rules.blocklist && settings.blockedEvents.includes(name)) {
    drop(applying, place, 'blocked_name', name)
    return
  }
  const properties = keptProperties(object.properties, { ...place }, applying, name)
  record(user.events, name, { time: timeOf(object.time, applying), properties }, applying)
  workspace.written.events += 1
  applying.points.events += 1 + segmentable(name, properties, applying)
}

/** Writes a purchase of a track request. */
export function applyPurchase(object: JsonObject, place: Place, applying: Applying): void {
  const user = resolveUser(object, place, applying)
  if (user === null) return
  const properties = isObject(object.properties) ? object.properties : null
  record(user.purchases, String(object.product_id), { time: timeOf(object.time, applying), properties }, applying)
  applying.workspace.written.purchases += 1
  applying.points.purchases += 1
}

function record(summaries: Map<string, EventSummary>, name: string, occurrence: Occurrence, { rules, at }: Applying): void {
  const { time } = occurrence
  const known = summaries.get(name)
  const summary = known ?? { count: 0, first: time, last: time, recent: [] }
  if (known === undefined) summaries.set(name, summary)
  if (!rules.repeatedEvents && summary.recent.some((before) => before.time === time)) return
  summary.count += 1
  if (rules.eventSummary) {
    summary.first = Math.min(summary.first, time)
    summary.last = Math.max(summary.last, time)
  }
  const horizon = at - (LIMITS.eventDays + 1) * DAY_MS
  if (rules.eventDays && time >= horizon) summary.recent.push(occurrence)
  if (summary.recent.length % 64 === 0) summary.recent = summary.recent.filter((before) => before.time >= horizon)
}

function timeOf(value: Json | undefined, { rules, at }: Applying): number {
  const time = typeof value === 'string' ? readDate(value) : null
  return time === null || (rules.futureEvents && time > at) ? at : time
}

function keptProperties(value: Json | undefined, place: Place, applying: Applying, event: string): JsonObject | null {
  if (!isObject(value)) return null
  const entries = Object.entries(value)
  if (!applying.rules.propertyCount || entries.length <= LIMITS.eventProperties) return value
  drop(applying, place, 'too_many_properties', event)
  return Object.fromEntries(entries.slice(0, LIMITS.eventProperties))
}

function segmentable(event: string, properties: JsonObject | null, { rules, settings }: Applying): number {
  if (properties === null || settings.segmentableProperties.length === 0 || !rules.pointsEvent) return 0
  return Object.keys(properties).filter((name) => settings.segmentableProperties.includes(`${event}.${name}`)).length
}
