import { isJsonObject, itemAt, lastOf, own } from '@engage-sync/contract'
import type { Json, JsonObject, WantedKey } from '@engage-sync/contract'
import type { CompiledMapping, CompiledSync } from '../mapping/compiled.ts'
import { encodingOf } from '../mapping/encoding.ts'
import { joinDottedName } from '../names/dotted-name.ts'
import type { CaseConfig, CaseEventConfig, CasesConfig } from '../schema/cases.ts'
import { CONFIG_VERSION } from '../schema/vocabulary.ts'
import { instantText } from '../values/instant.ts'
import { Redactor } from './redact.ts'
import { readEvent } from './seen-event.ts'
import type { SeenEvent } from './seen-event.ts'

type ShortEvent = Exclude<CaseEventConfig, { readonly raw: unknown }>

const DAY_MS = 24 * 60 * 60 * 1000

/**
 * Draft cases from real events, one a user, with personal data replaced.
 *
 * Shape: Engage events as JSON in; a cases file out, without expectations (run it with `--update`
 * to fill them in). Events of computations the sync does not map, and records that are no Engage
 * events, are left out; so is every identifier. Users stand in the order of their first event,
 * events in order of time.
 *
 * @param maxUsers - how many users to draft for; the rest is left out
 */
export function draftCases(
  records: readonly Json[],
  sync: CompiledSync,
  maxUsers = 20,
): CasesConfig {
  const redactor = new Redactor()
  const byUser = new Map<string, SeenEvent[]>()
  for (const record of records) {
    const event = readEvent(record)
    if (event === null || wantedIn(event, sync).length === 0) continue
    const user = event.user ?? event.anonymousId ?? event.email ?? ''
    byUser.set(user, [...(byUser.get(user) ?? []), event])
  }
  const cases = [...byUser.values()]
    .slice(0, maxUsers)
    .map((events) => draftCase(events, sync, redactor))
  return { version: CONFIG_VERSION, cases }
}

function draftCase(
  events: readonly SeenEvent[],
  sync: CompiledSync,
  redactor: Redactor,
): CaseConfig {
  const ordered = events.toSorted((left, right) => left.time - right.time)
  const last = lastOf(ordered)
  const drafted = ordered.map((event) => draftEvent(event, sync, redactor))
  const first = itemAt(drafted, 0)
  const user = first.user ?? first.anonymous_id ?? 'u1'
  const keys = [...new Set(ordered.map(({ key }) => key))].join(', ')
  return {
    name: `draft: ${user} with ${keys}`,
    now: instantText(Math.floor(last.time / DAY_MS) * DAY_MS + DAY_MS),
    ...(first.user === undefined ? {} : { user: first.user }),
    events: drafted,
    expect: {},
  }
}

function draftEvent(event: SeenEvent, sync: CompiledSync, redactor: Redactor): ShortEvent {
  const values = wantedIn(event, sync).map((mapping) => {
    const { kind, key, path } = mapping.wanted
    const attribute = encodingOf(mapping, 'attribute')
    const name = joinDottedName({ name: key, path })
    const meaning = attribute?.standard === true ? attribute.name : name
    return {
      kind,
      name,
      value: redactor.value(meaning, valueAt(event.body, [key, ...path]) ?? null),
    }
  })
  const of = (kind: WantedKey['kind']) =>
    Object.fromEntries(
      values.filter((each) => each.kind === kind).map(({ name, value }) => [name, value]),
    )
  const enrichment = of('enrichment')
  return {
    ...(event.user === null ? {} : { user: redactor.user(event.user) }),
    ...(event.user !== null || event.anonymousId === null
      ? {}
      : { anonymous_id: redactor.anonymous(event.anonymousId) }),
    ...(event.email === null ? {} : { email: redactor.email(event.email) }),
    ...(event.isAudience
      ? { audience: of('audience') as Record<string, boolean | null> }
      : { trait: of('trait') }),
    ...(Object.keys(enrichment).length === 0 ? {} : { enrichment }),
    at: instantText(event.time),
    ...(event.isTrack ? { as: 'track' as const } : {}),
  }
}

/**
 * The mappings of the sync that the event has values for; that of its computation must be among
 * them.
 */
function wantedIn(event: SeenEvent, sync: CompiledSync): readonly CompiledMapping[] {
  const kind = event.isAudience ? 'audience' : 'trait'
  const present = sync.mappings.filter(
    ({ wanted: { key, path } }) => valueAt(event.body, [key, ...path]) !== undefined,
  )
  const computed = present.filter(
    ({ wanted }) => wanted.kind === kind && (!event.isAudience || wanted.key === event.key),
  )
  return computed.length === 0
    ? []
    : [...computed, ...present.filter(({ wanted }) => wanted.kind === 'enrichment')]
}

function valueAt(body: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = body
  for (const key of path) {
    if (!isJsonObject(value)) return undefined
    value = own(value, key)
  }
  return value
}
