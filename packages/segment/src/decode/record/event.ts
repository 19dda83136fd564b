import { isJsonObject, own } from '@engage-sync/contract'
import type { JsonObject } from '@engage-sync/contract'
import { objectOf } from './identifiers.ts'

/** The call types that can carry a computation. */
export type ComputationCall = 'identify' | 'track' | 'group'

/** A call, its parts found once. */
export interface SegmentCall {
  readonly type: ComputationCall | 'delete' | 'other'
  readonly record: JsonObject
  readonly context: JsonObject
  /** Where values are: `properties` of a track, `traits` of the others. */
  readonly body: JsonObject
}

/** Members of `properties` that describe the computation and are no traits. */
export const KEY_MEMBERS: ReadonlySet<string> = new Set(['audience_key', 'trait_key'])

const TYPES: ReadonlyMap<string, SegmentCall['type']> = new Map([
  ['identify', 'identify'],
  ['track', 'track'],
  ['group', 'group'],
  ['delete', 'delete'],
  ['page', 'other'],
  ['screen', 'other'],
  ['alias', 'other'],
])

/**
 * The call a JSON value is, or null when it is none. A missing `type` is told from `event` and
 * `traits`.
 */
export function readCall(value: unknown): SegmentCall | null {
  if (!isJsonObject(value)) return null
  const type = typeOf(value)
  if (type === null) return null
  return {
    type,
    record: value,
    context: objectOf(value, 'context'),
    body: objectOf(value, type === 'track' ? 'properties' : 'traits'),
  }
}

function typeOf(record: JsonObject): SegmentCall['type'] | null {
  const type = own(record, 'type')
  if (typeof type === 'string') return TYPES.get(type) ?? null
  if (type !== undefined) return null
  if (typeof own(record, 'event') === 'string') return 'track'
  return isJsonObject(own(record, 'traits')) ? 'identify' : null
}
