import { isJsonObject, own } from '@engage-sync/contract'
import type { Json, JsonObject } from '@engage-sync/contract'
import type {
  Audience,
  Computation,
  ComputedTrait,
  DestinationFilter,
  Space,
  Subscription,
} from './model.ts'

const NOTHING: JsonObject = {}
const AUDIENCE_TYPES: ReadonlyMap<string, Audience['type']> = new Map([
  ['USERS', 'users'],
  ['ACCOUNTS', 'accounts'],
  ['LINKED', 'linked'],
])

/** Reads a space; null when it has no id. */
export function readSpace(object: JsonObject): Space | null {
  const id = text(object, 'id')
  return id === null
    ? null
    : { id, slug: text(object, 'slug') ?? '', name: text(object, 'name') ?? '' }
}

/** Reads an audience; null when it has no key. */
export function readAudience(object: JsonObject): Audience | null {
  const computation = readComputation(object, 'backfillEventDataDays')
  if (computation === null) return null
  return {
    ...computation,
    type: AUDIENCE_TYPES.get(text(object, 'audienceType') ?? '') ?? null,
    size: number(member(object, 'size'), 'count'),
  }
}

/** Reads a computed trait; null when it has no key. */
export function readComputedTrait(object: JsonObject): ComputedTrait | null {
  const computation = readComputation(object, 'backfillDurationDays')
  return computation === null
    ? null
    : {
        ...computation,
        includesAnonymousUsers: bool(member(object, 'options'), 'includeAnonymousUsers'),
      }
}

/** Reads a mapping of a destination; null when it has no id. */
export function readSubscription(object: JsonObject): Subscription | null {
  const id = text(object, 'id')
  if (id === null) return null
  return {
    id,
    name: text(object, 'name') ?? '',
    actionSlug: text(object, 'actionSlug') ?? '',
    enabled: own(object, 'enabled') === true,
    trigger: text(object, 'trigger') ?? '',
    settings: own(object, 'settings') ?? null,
  }
}

/** Reads a filter of a destination; null when it has no condition. */
export function readFilter(object: JsonObject): DestinationFilter | null {
  const condition = text(object, 'if')
  if (condition === null) return null
  return {
    title: text(object, 'title') ?? '',
    if: condition,
    enabled: own(object, 'enabled') === true,
    actions: own(object, 'actions') ?? null,
  }
}

function readComputation(object: JsonObject, daysKey: string): Computation | null {
  const [id, key] = [text(object, 'id'), text(object, 'key')]
  if (id === null || key === null) return null
  const options = member(object, 'options')
  return {
    id,
    key,
    name: text(object, 'name') ?? key,
    enabled: own(object, 'enabled') === true,
    status: text(object, 'status'),
    cadence: readCadence(text(member(object, 'computeCadence'), 'type')),
    includesHistory: bool(options, 'includeHistoricalData'),
    lookBackDays: number(options, daysKey),
    definition: text(member(object, 'definition'), 'query'),
  }
}

function readCadence(type: string | null): Computation['cadence'] {
  if (type === 'REALTIME') return 'realtime'
  return type === 'BATCH' ? 'batch' : null
}

function member(object: JsonObject, key: string): JsonObject {
  const value: Json | undefined = own(object, key)
  return isJsonObject(value) ? value : NOTHING
}

function text(object: JsonObject, key: string): string | null {
  const value = own(object, key)
  return typeof value === 'string' && value !== '' ? value : null
}

function number(object: JsonObject, key: string): number | null {
  const value = own(object, key)
  return typeof value === 'number' ? value : null
}

function bool(object: JsonObject, key: string): boolean | null {
  const value = own(object, key)
  return typeof value === 'boolean' ? value : null
}
