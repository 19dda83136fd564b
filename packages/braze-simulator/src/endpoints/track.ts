import type { Json, JsonObject } from '@engage-sync/contract'
import type { Entry, Work } from '../model/index.ts'
import { CHOSEN, CHOSEN_TYPES, DOCUMENTED, LIMITS } from '../specification/index.ts'
import { findProblem } from '../track/index.ts'
import type { TrackArray } from '../track/index.ts'
import type { Fault } from '../traffic/index.ts'
import { isObject, listOf } from '../values/index.ts'
import type { Call, Reply } from './endpoint.ts'

/** The arrays of a track request, in the order their counts are answered. */
export const TRACK_ARRAYS: readonly TrackArray[] = ['attributes', 'events', 'purchases']

type TrackWork = Work & { kind: 'track' }
interface ItemError {
  readonly type: string
  readonly input_array: TrackArray
  readonly index: number
}

/** `/users/track` @see https://www.braze.com/docs/api/endpoints/user_data/post_user_track/ */
export function answerTrack(body: JsonObject, call: Call): Reply {
  return isOverLimit(body, call) ? CHOSEN.tooManyObjects : judge(body, call)
}

/**
 * `/users/track/bulk`
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_track_bulk/
 */
export function answerBulk(body: JsonObject, call: Call): Reply {
  const { rules } = call.engine
  const objects = TRACK_ARRAYS.flatMap((array) => listOf(body, array))
  if (rules.bulkObjectLimit && objects.length > LIMITS.bulkObjects) return CHOSEN.tooManyObjects
  if (rules.bulkProfileLimit && mostOfOneProfile(objects) > LIMITS.bulkObjectsPerProfile)
    return CHOSEN.tooManyObjects
  return judge(body, call)
}

/** Objects, valid or not, and what the answer says of them. */
export function judge(body: JsonObject, { engine, faults }: Call): Reply {
  const errors: ItemError[] = []
  const valid = Object.fromEntries(
    TRACK_ARRAYS.map((array) => [
      array,
      validEntries(listOf(body, array), array, { engine, faults, errors }),
    ]),
  ) as Record<TrackArray, readonly Entry[]>
  const work: TrackWork = { kind: 'track', ...valid }
  const total = TRACK_ARRAYS.reduce((sum, array) => sum + valid[array].length, 0)
  const { rules } = engine
  if (total === 0 && rules.allInvalid)
    return {
      status: 400,
      body:
        errors.length === 0
          ? { message: DOCUMENTED.noValidData }
          : { message: DOCUMENTED.noValidData, errors: [...errors] as unknown as Json },
    }
  if (errors.length > 0 && !rules.partialErrors)
    return { status: 400, body: { message: DOCUMENTED.noValidData } }
  const counts = TRACK_ARRAYS.filter(
    (array) => !rules.omitZeroCounts || valid[array].length > 0,
  ).map((array) => [`${array}_processed`, valid[array].length] as const)
  const message = ['message', 'success'] as const
  const entries: (readonly [string, Json])[] = rules.answerOrder
    ? [...counts, message]
    : [message, ...counts]
  if (errors.length > 0) entries.push(['errors', errors as unknown as Json])
  return { status: 201, body: Object.fromEntries(entries), work }
}

function validEntries(
  objects: readonly Json[],
  array: TrackArray,
  {
    engine,
    faults,
    errors,
  }: { engine: Call['engine']; faults: readonly Fault[]; errors: ItemError[] },
): readonly Entry[] {
  const valid: Entry[] = []
  objects.forEach((object, index) => {
    const type = forced(faults, array, index) ?? findProblem(object, array, engine)
    if (type !== null) errors.push({ type, input_array: array, index })
    else if (isObject(object)) valid.push([index, object])
  })
  return valid
}

function forced(faults: readonly Fault[], array: TrackArray, index: number): string | null {
  const fault = faults.find(
    ({ kind, array: wanted = 'attributes', indexes = [0] }) =>
      kind === 'partial' && wanted === array && indexes.includes(index),
  )
  return fault === undefined ? null : (fault.type ?? CHOSEN_TYPES.primaryIdentifiers)
}

function isOverLimit(body: JsonObject, { engine }: Call): boolean {
  const { settings, rules } = engine
  if (!rules.objectLimit) return false
  const counts = TRACK_ARRAYS.map((array) => listOf(body, array).length)
  if (settings.objectLimit === 'perArray75') return counts.some((count) => count > 75)
  return (
    counts.reduce((sum, count) => sum + count) > (settings.objectLimit === 'combined75' ? 75 : 50)
  )
}

function mostOfOneProfile(objects: readonly Json[]): number {
  const counts = new Map<string, number>()
  let most = 0
  for (const object of objects) {
    if (!isObject(object)) continue
    const { external_id: externalId, user_alias: alias, braze_id: brazeId, email, phone } = object
    const key = JSON.stringify(externalId ?? alias ?? brazeId ?? email ?? phone ?? null)
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    most = Math.max(most, count)
  }
  return most
}
