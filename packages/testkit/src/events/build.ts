import type { Json, JsonObject } from '@engage-sync/core'
import { base62, ksuid } from './ksuid.ts'
import { hashOf } from '../random/index.ts'
import type { Random } from '../random/index.ts'

/** Whom an event is about. An email goes where its form puts it. */
export interface EventUser {
  readonly userId?: string
  readonly anonymousId?: string
  readonly email?: string
}

/** One event of a computation, as Engage would send it. */
export interface EventSpec {
  /** `context.personas.computation_class`. */
  readonly class: 'audience' | 'trait' | 'computed_trait' | 'journey_step'
  /** `context.personas.computation_key`. */
  readonly key: string
  readonly form: 'identify' | 'track'
  readonly user: EventUser
  /** Milliseconds since the epoch. */
  readonly time: number
  /** Undefined: no member is named by the key (a SQL trait's row, a journey's first form). */
  readonly value?: Json
  /** Members beside the computation. */
  readonly beside?: JsonObject
  /** Name of a track event. Default: Segment's own. */
  readonly event?: string
  /** Draws message ids and the digits below milliseconds. */
  readonly random: Random
}

const SPACE_ID = 'spa_2NxV8kq0Zt4mYbR7cHsW1d'
const WRITE_KEY = 'exampleWriteKeyOfAProfileSource0'
const DELIVERY_MS = 9000

/**
 * An event in the envelope Engage sends.
 *
 * @see https://segment.com/docs/engage/using-engage-data/
 */
export function buildEvent(spec: EventSpec): JsonObject {
  const time = new Date(spec.time).toISOString()
  const isTrack = spec.form === 'track'
  return {
    ...(spec.user.anonymousId === undefined ? {} : { anonymousId: spec.user.anonymousId }),
    context: contextOf(spec),
    ...(isTrack ? { event: spec.event ?? defaultEvent(spec) } : {}),
    integrations: { All: false, 'Braze Cloud Mode (Actions)': true, Warehouses: { all: false } },
    messageId: `personas_${ksuid(spec.time, spec.random)}`,
    originalTimestamp: `${time.slice(0, -1)}${String(spec.random.below(1_000_000)).padStart(6, '0')}Z`,
    ...(isTrack ? { properties: propertiesOf(spec) } : {}),
    receivedAt: new Date(spec.time + DELIVERY_MS).toISOString(),
    sentAt: null,
    timestamp: time,
    ...(isTrack ? {} : { traits: traitsOf(spec) }),
    type: spec.form,
    ...(spec.user.userId === undefined ? {} : { userId: spec.user.userId }),
    writeKey: WRITE_KEY,
  }
}

const IDS = new Map<string, string>()

/** The id Segment gives a computation; the same for the same key. */
export function computationId(spec: Pick<EventSpec, 'class' | 'key'>): string {
  const name = `${spec.class} ${spec.key}`
  const known = IDS.get(name) ?? idOf(spec)
  IDS.set(name, known)
  return known
}

function idOf(spec: Pick<EventSpec, 'class' | 'key'>): string {
  const prefix = spec.class === 'audience' ? 'aud' : 'tra'
  if (spec.class === 'journey_step') return spec.key
  const seed = [...spec.key].reduce((hash, letter) => hashOf(hash, letter.codePointAt(0) ?? 0), 0)
  return `${prefix}_${base62([349_000_000, seed, hashOf(seed, 1), hashOf(seed, 2), hashOf(seed, 3)], 27)}`
}

function contextOf(spec: EventSpec): JsonObject {
  const { email } = spec.user
  return {
    __segment_internal: { creator: 'sync-worker' },
    integrations: { personas: false },
    library: { name: 'unknown', version: 'unknown' },
    personas: {
      computation_class: spec.class,
      computation_id: computationId(spec),
      computation_key: spec.key,
      namespace: SPACE_ID,
      space_id: SPACE_ID,
    },
    ...(spec.form === 'track' && email !== undefined ? { traits: { email } } : {}),
  }
}

function traitsOf(spec: EventSpec): JsonObject {
  return {
    ...valueOf(spec),
    ...(spec.user.email === undefined ? {} : { email: spec.user.email }),
    ...spec.beside,
  }
}

function propertiesOf(spec: EventSpec): JsonObject {
  if (spec.class === 'journey_step') return { ...valueOf(spec), ...spec.beside }
  return {
    [spec.class === 'audience' ? 'audience_key' : 'trait_key']: spec.key,
    ...valueOf(spec),
    ...spec.beside,
  }
}

function valueOf({ key, value }: EventSpec): JsonObject {
  return value === undefined ? {} : { [key]: value }
}

function defaultEvent({ class: named, value }: EventSpec): string {
  if (named === 'journey_step') return 'Step Entered'
  if (named !== 'audience') return 'Trait Computed'
  return value === false ? 'Audience Exited' : 'Audience Entered'
}
