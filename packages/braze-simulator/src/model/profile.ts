import type { Json, JsonObject } from '@engage-sync/contract'
import type { EventSummary, User } from './user.ts'
import type { Workspace } from './workspace.ts'

/** How a profile is exported. */
export interface ExportOptions {
  /** Names of the fields to give; null for all. */
  readonly wanted: ReadonlySet<string> | null
  /** Give empty fields too, which Braze does not. */
  readonly keepEmpty?: boolean
  /** Leave out custom events last seen before this; milliseconds since the epoch. */
  readonly eventsSince?: number
  /** Give `created_at`, `random_bucket` and `total_revenue` where they are wanted by name. */
  readonly withComputed?: boolean
  /** Add the names of the user's cohorts, which Braze's export lacks. */
  readonly withCohorts?: boolean
}

const RANDOM_BUCKETS = 10_000

/**
 * A profile in the shape of Braze's export.
 *
 * Shape: standard attributes at top level, `custom_attributes` an object, `custom_events` and
 * `purchases` arrays; empty fields left out.
 *
 * @see https://www.braze.com/docs/api/endpoints/export/user_data/post_users_identifier/
 */
export function exportProfile(
  user: User,
  workspace: Workspace,
  {
    wanted,
    keepEmpty = false,
    eventsSince = -Infinity,
    withComputed = false,
    withCohorts = false,
  }: ExportOptions,
): JsonObject {
  const fields: (readonly [string, Json])[] = [
    ['external_id', user.externalId],
    [
      'user_aliases',
      [...user.aliases].map(([label, name]) => ({ alias_name: name, alias_label: label })),
    ],
    ['braze_id', user.brazeId],
    ...user.standard,
    ['devices', [...user.devices].map((id) => ({ device_id: id }))],
    ['custom_attributes', Object.fromEntries(user.custom)],
    [
      'custom_events',
      summaries(new Map([...user.events].filter(([, { last }]) => last >= eventsSince))),
    ],
    ['purchases', summaries(user.purchases)],
  ]
  if (withComputed && wanted !== null) fields.push(...computedFields(user))
  if (withCohorts)
    fields.push([
      'cohorts',
      [...user.cohorts].map((id) => workspace.cohorts.get(id)?.name ?? id).toSorted(),
    ])
  return Object.fromEntries(
    fields.filter(
      ([name, value]) => (wanted === null || wanted.has(name)) && (keepEmpty || !isEmpty(value)),
    ),
  )
}

/**
 * What Braze knows of a profile beside what was sent. Its way to the bucket is unknown; ours
 * depends on the Braze id alone.
 */
function computedFields(user: User): readonly (readonly [string, Json])[] {
  return [
    ['created_at', user.createdAt === null ? null : new Date(user.createdAt).toISOString()],
    ['random_bucket', Number.parseInt(user.brazeId.slice(0, 8), 16) % RANDOM_BUCKETS],
    ['total_revenue', user.revenue],
  ]
}

/** Name, first, last and count of each event or purchase, by name. */
export function summaries(events: ReadonlyMap<string, EventSummary>): readonly JsonObject[] {
  return [...events]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { first, last, count }]) => ({
      name,
      first: new Date(first).toISOString(),
      last: new Date(last).toISOString(),
      count,
    }))
}

function isEmpty(value: Json): boolean {
  return (
    value === null ||
    (Array.isArray(value) && value.length === 0) ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  )
}
