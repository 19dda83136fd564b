import type { Json, JsonObject } from '@engage-sync/contract'
import { aliasOf, externalIdOf } from '../identity/index.ts'
import { summaries } from '../model/index.ts'
import type { User } from '../model/index.ts'
import { CHOSEN } from '../specification/index.ts'
import { listOf } from '../values/index.ts'
import type { Call, Reply } from './endpoint.ts'
import { TRACK_ARRAYS, judge } from './track.ts'

/**
 * `/users/track/sync`
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_track_synchronous/
 */
export function answerSync(body: JsonObject, call: Call): Reply {
  const objects = TRACK_ARRAYS.flatMap((array) =>
    listOf(body, array).map((object) => [array, object] as const),
  )
  if (call.engine.rules.syncObjectLimit && objects.length > 1) return CHOSEN.tooManyObjects
  const reply = judge(body, call)
  const [first] = objects
  if (reply.work === undefined || first === undefined) return reply
  const [array, object] = first
  return {
    ...reply,
    afterWrite: () => ({ users: written(array, object as JsonObject, call), message: 'success' }),
  }
}

function written(array: string, object: JsonObject, { engine }: Call): Json {
  const user = find(object, engine.workspace.directory)
  if (user === null) return []
  const identifier = Object.fromEntries(
    ['external_id', 'user_alias', 'braze_id', 'email', 'phone']
      .filter((key) => Object.hasOwn(object, key))
      .map((key) => [key, object[key]]),
  )
  if (array === 'attributes') {
    const custom = Object.keys(object).flatMap((text): readonly (readonly [string, Json])[] => {
      const name = text.trim()
      const value = user.custom.get(name)
      return value === undefined ? [] : [[name, value]]
    })
    return [
      {
        ...identifier,
        custom_attributes: Object.fromEntries(custom),
      },
    ]
  }
  if (array === 'events')
    return [{ ...identifier, custom_events: summariesOf(user.events, object.name) }]
  const products = summariesOf(user.purchases, object.product_id)
  return [
    {
      ...identifier,
      purchase_events: engine.rules.syncProductId ? products.map(byProduct) : products,
    },
  ]
}

function summariesOf(events: User['events'], name: Json | undefined): readonly JsonObject[] {
  return summaries(events).filter((summary) => summary.name === name)
}

function byProduct({ name = null, ...rest }: JsonObject): JsonObject {
  return { product_id: name, ...rest }
}

function find(
  object: JsonObject,
  directory: Call['engine']['workspace']['directory'],
): User | null {
  const externalId = externalIdOf(object.external_id, true)
  if (externalId !== null) return directory.byExternalId(externalId) ?? null
  const alias = aliasOf(object.user_alias)
  if (alias !== null) return directory.byAlias(alias) ?? null
  if (typeof object.email === 'string') return directory.byEmail(object.email)[0] ?? null
  return typeof object.phone === 'string' ? (directory.byPhone(object.phone)[0] ?? null) : null
}
