import { lastOf, zip } from '@engage-sync/contract'
import type { Json, JsonObject } from '@engage-sync/contract'
import { DEFAULT_EVENT_NAMES } from '../mapping/event.ts'
import type { NormalisedCase } from '../model/case.ts'
import type { NormalisedIdentity } from '../model/sync.ts'
import { splitDottedName } from '../names/dotted-name.ts'
import type { CaseEventConfig } from '../schema/cases.ts'
import { fingerprintOf } from '../values/fingerprint.ts'
import { instantText } from '../values/instant.ts'
import { eventTimes } from './times.ts'

type ShortEvent = Exclude<CaseEventConfig, { readonly raw: unknown }>

/** One Engage call about one computation, or one SQL trait's row. */
interface Call {
  readonly kind: 'trait' | 'audience'
  readonly key: string
  readonly values: JsonObject
}

const SPACE_ID = 'spa_0000000000000000000000'

/**
 * The events of a case as Engage would send them, in the order of the case.
 *
 * Shape: short events become whole envelopes (one for each audience; several traits share one
 * identify call, as a SQL trait's row does), raw events stay as they are. The user of a case is the
 * identifier the sync knows users by. An event with `anonymous_id` and no `user` is anonymous.
 *
 * @see https://segment.com/docs/engage/using-engage-data/
 */
export function caseRecords(
  testCase: NormalisedCase,
  identity: NormalisedIdentity,
): readonly JsonObject[] {
  const times = eventTimes(testCase.events, testCase.nowMs)
  return zip(testCase.events, times).flatMap(([event, time], index) => {
    if ('raw' in event) return [event.raw as JsonObject]
    return callsOf(event).map((call, part) =>
      envelope({
        event,
        call,
        time,
        identity,
        user: userOf(event, testCase),
        messageId: event.message_id ?? `${index}.${part}`,
      }),
    )
  })
}

/** The userId of a short event, or null when it is anonymous. */
function userOf(event: ShortEvent, testCase: NormalisedCase): string | null {
  if (event.user !== undefined) return event.user
  return event.anonymous_id === undefined ? testCase.user : null
}

function callsOf(event: ShortEvent): readonly Call[] {
  const audiences = Object.entries(event.audience ?? {}).map(([key, member]): Call => ({
    kind: 'audience',
    key,
    values: { [key]: member },
  }))
  const traits = Object.entries((event.trait ?? {}) as JsonObject)
  if (traits.length === 0) return audiences
  if (traits.length === 1 || event.as === 'track')
    return [...traits.map(([key, value]) => traitCall(key, [[key, value]])), ...audiences]
  return [
    traitCall(`sql_${fingerprintOf(traits.map(([key]) => key)).slice(0, 6)}`, traits),
    ...audiences,
  ]
}

function traitCall(key: string, traits: readonly (readonly [string, Json])[]): Call {
  return { kind: 'trait', key: splitDottedName(key).name, values: nested(traits) }
}

/** Values at their paths: `address.city` inside `address`. */
function nested(entries: readonly (readonly [string, Json])[]): JsonObject {
  const root: Record<string, Json> = {}
  for (const [text, value] of entries) {
    const { name, path } = splitDottedName(text)
    const keys = [name, ...path]
    let at = root
    for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, Json>
    at[lastOf(keys)] = value
  }
  return root
}

interface EnvelopeParts {
  readonly event: ShortEvent
  readonly call: Call
  readonly time: number
  readonly identity: NormalisedIdentity
  readonly user: string | null
  readonly messageId: string
}

function envelope(parts: EnvelopeParts): JsonObject {
  const { event, call, time, user, messageId } = parts
  const isTrack = event.as === 'track'
  const ids = identifiersOf(parts)
  const beside = {
    ...nested(Object.entries((event.enrichment ?? {}) as JsonObject)),
    ...ids.traits,
  }
  const at = instantText(time)
  return {
    type: isTrack ? 'track' : 'identify',
    ...(user === null ? {} : { userId: user }),
    ...(event.anonymous_id === undefined ? {} : { anonymousId: event.anonymous_id }),
    messageId: event.message_id === undefined ? `personas_case_${messageId}` : messageId,
    timestamp: at,
    originalTimestamp: at,
    receivedAt: at,
    sentAt: null,
    context: contextOf(call, ids, isTrack),
    integrations: { All: false, 'Braze Cloud Mode (Actions)': true, Warehouses: { all: false } },
    ...(isTrack
      ? { event: trackName(call), properties: { ...keyProperty(call), ...beside, ...call.values } }
      : { traits: { ...beside, ...emailOf(ids), ...call.values } }),
  }
}

interface CaseIdentifiers {
  readonly email: string | null
  readonly externalIds: readonly JsonObject[]
  /** Identifiers that the sync reads from traits. */
  readonly traits: JsonObject
}

/**
 * Where the identity rule looks, the user of the case is found, unless the event says otherwise.
 */
function identifiersOf({ event, identity, user }: EnvelopeParts): CaseIdentifiers {
  const { externalId } = identity
  const external = new Map(Object.entries(event.external_ids ?? {}))
  if (externalId.from === 'externalIds' && user !== null && !external.has(externalId.type))
    external.set(externalId.type, user)
  const isByEmail = externalId.from === 'email' && user !== null && user.includes('@')
  const traits =
    externalId.from === 'traits' && user !== null
      ? nested([[externalId.path.map(escapeDots).join('.'), user]])
      : {}
  return {
    email: event.email ?? (isByEmail ? user : null),
    externalIds: [...external].map(([type, id]) => ({
      id,
      type,
      collection: 'users',
      encoding: 'none',
    })),
    traits,
  }
}

function escapeDots(key: string): string {
  return key.replace(/[\\.]/gu, '\\$&')
}

function emailOf({ email }: CaseIdentifiers): JsonObject {
  return email === null ? {} : { email }
}

function contextOf(call: Call, ids: CaseIdentifiers, isTrack: boolean): JsonObject {
  return {
    integrations: { personas: false },
    library: { name: 'unknown', version: 'unknown' },
    __segment_internal: { creator: 'sync-worker' },
    personas: {
      computation_class: call.kind,
      computation_id: `${call.kind === 'audience' ? 'aud' : 'tra'}_${fingerprintOf(call.key).slice(0, 27)}`,
      computation_key: call.key,
      namespace: SPACE_ID,
      space_id: SPACE_ID,
    },
    ...(ids.externalIds.length === 0 ? {} : { externalIds: ids.externalIds }),
    ...(isTrack && ids.email !== null ? { traits: { email: ids.email } } : {}),
  }
}

function trackName(call: Call): string {
  if (call.kind === 'trait') return DEFAULT_EVENT_NAMES.computed
  return call.values[call.key] === true ? DEFAULT_EVENT_NAMES.entered : DEFAULT_EVENT_NAMES.exited
}

function keyProperty(call: Call): JsonObject {
  return call.kind === 'trait' ? { trait_key: call.key } : { audience_key: call.key }
}
