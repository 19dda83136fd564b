import { isJsonObject, own } from '@engage-sync/contract'
import type { Json, JsonObject } from '@engage-sync/contract'
import { parseInstant } from '../values/instant.ts'

/** An Engage event, as far as cases need it. */
export interface SeenEvent {
  readonly user: string | null
  readonly anonymousId: string | null
  readonly email: string | null
  readonly key: string
  readonly isAudience: boolean
  readonly isTrack: boolean
  readonly time: number
  readonly body: JsonObject
}

/**
 * What a raw Engage event says, or null for other records and events without a time.
 *
 * Shape: the computation is known by `context.personas`, the values by `properties` of a track
 * call, else `traits`.
 */
export function readEvent(record: Json): SeenEvent | null {
  if (!isJsonObject(record)) return null
  const context = objectAt(record, 'context')
  const personas = objectAt(context, 'personas')
  const key = textAt(personas, 'computation_key')
  const time = parseInstant(textAt(record, 'timestamp') ?? '')
  if (key === null || time === null) return null
  const isTrack = own(record, 'type') === 'track'
  const body = objectAt(record, isTrack ? 'properties' : 'traits')
  return {
    user: textAt(record, 'userId'),
    anonymousId: textAt(record, 'anonymousId'),
    email: textAt(body, 'email') ?? textAt(objectAt(context, 'traits'), 'email'),
    key,
    isAudience: /audience|journey/u.test(textAt(personas, 'computation_class') ?? ''),
    isTrack,
    time,
    body,
  }
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = own(object, key)
  return isJsonObject(value) ? value : {}
}

function textAt(object: JsonObject, key: string): string | null {
  const value = own(object, key)
  return typeof value === 'string' && value !== '' ? value : null
}
