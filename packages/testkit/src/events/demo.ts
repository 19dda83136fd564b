import type { Json, JsonObject } from '@engage-sync/core'
import { buildEvent } from './build.ts'
import type { EventSpec, EventUser } from './build.ts'
import { generateObjects } from './generate.ts'
import { FIRST_USER } from './people.ts'
import { Random } from '../random/index.ts'

/** One file of the committed sample. */
export interface DemoDay {
  /** Relative to the data directory, without its ending. */
  readonly name: string
  readonly events: readonly JsonObject[]
}

const SEED = 2026
const DAYS = [5, 6, 7]
const EVENTS_A_DAY = 1500
const USERS = 600
const HOUR_MS = 3_600_000

/** Who is pictured, as the demo asks for her. */
export const PICTURED_USER: EventUser = { userId: 'nora', email: 'nora@example.com' }

/** Her events: `[day, hour, class, key, value, form]`, in order of time. */
const PICTURED: readonly (readonly [
  number,
  number,
  EventSpec['class'],
  string,
  Json,
  EventSpec['form'],
])[] = [
  [5, 8, 'trait', 'last_product_viewed_item', 'Jeans', 'identify'],
  [5, 9, 'trait', 'lifetime_value', 182.5, 'track'],
  [5, 15, 'trait', 'lifetime_value', 182.5, 'identify'],
  [6, 11, 'trait', 'last_product_viewed_item', 'Sweater', 'identify'],
  [6, 12, 'audience', 'dormant_shopper', true, 'track'],
  [7, 10, 'audience', 'dormant_shopper', true, 'identify'],
  [7, 16, 'trait', 'last_product_viewed_item', 'Sweater', 'identify'],
]

/**
 * The sample in `data/engage`: three days of a shop's events.
 *
 * User `nora` is the one pictured on Braze's page about Segment Engage.
 *
 * @see https://www.braze.com/docs/partners/data_and_analytics/cdps/segment/segment_engage
 */
export function demoDays(): readonly DemoDay[] {
  return DAYS.map((day, index) => {
    const start = Date.UTC(2026, 0, day)
    const generated = generateObjects({
      seed: SEED,
      users: USERS,
      firstUser: FIRST_USER + 1,
      events: EVENTS_A_DAY,
      start,
      step: (23 * HOUR_MS) / EVENTS_A_DAY,
      change: index === 0 ? undefined : 0.15 * index,
    })
    return { name: `2026-01-0${day}/events`, events: withPictured([...generated], day) }
  })
}

/** Puts the pictured user's events of a day where they belong by time. */
function withPictured(events: JsonObject[], day: number): readonly JsonObject[] {
  const random = new Random(SEED + day)
  for (const [ofDay, hour, named, key, value, form] of PICTURED) {
    if (ofDay !== day) continue
    const time = Date.UTC(2026, 0, day, hour, 12, 30, 250)
    const event = buildEvent({ class: named, key, form, user: PICTURED_USER, time, value, random })
    const at = events.findIndex(({ timestamp }) => String(timestamp) > String(event.timestamp))
    events.splice(at < 0 ? events.length : at, 0, event)
  }
  return events
}
