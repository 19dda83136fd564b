import type { Json, JsonObject } from '@engage-sync/contract'
import type { AttributeType } from '../model/index.ts'
import type { Call, Reply } from './endpoint.ts'

const EVENTS_PER_PAGE = 250
const PER_CURSOR = 50

/**
 * `GET /events/list?page=0`
 *
 * @see https://www.braze.com/docs/api/endpoints/export/custom_events/get_custom_events/
 */
export function answerEventsList(_body: JsonObject, call: Call): Reply {
  return {
    status: 200,
    body: { message: 'success', events: pageOf(eventNames(call), call.query, EVENTS_PER_PAGE) },
  }
}

/**
 * `GET /events`
 *
 * @see https://www.braze.com/docs/api/endpoints/export/custom_events/get_custom_events_data/
 */
export function answerEvents(_body: JsonObject, call: Call): Reply {
  const { items, headers } = cursorPage(eventNames(call), call)
  const events = items.map((name) => ({
    name,
    description: null,
    included_in_analytics_report: false,
    status: 'Active',
    tag_names: [],
  }))
  return { status: 200, body: { message: 'success', events }, headers }
}

/**
 * `GET /purchases/product_list?page=0`
 *
 * @see https://www.braze.com/docs/api/endpoints/export/purchases/get_list_product_id/
 */
export function answerProducts(_body: JsonObject, call: Call): Reply {
  const names = new Set<string>()
  for (const user of call.engine.workspace.directory.users)
    for (const name of user.purchases.keys()) names.add(name)
  return {
    status: 200,
    body: {
      products: pageOf([...names].toSorted(), call.query, EVENTS_PER_PAGE),
      message: 'success',
    },
  }
}

/**
 * `GET /custom_attributes`
 *
 * @see https://www.braze.com/docs/api/endpoints/export/custom_attributes/get_custom_attributes/
 */
export function answerCustomAttributes(_body: JsonObject, call: Call): Reply {
  const { workspace, settings } = call.engine
  const types = [...workspace.types].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const { items, headers } = cursorPage(types, call)
  const attributes = items.map(([name, type]) => ({
    array_length: type === 'array' ? settings.arrayLimit : null,
    data_type: DATA_TYPES[type],
    description: null,
    name,
    status: 'Active',
    tag_names: [],
  }))
  return { status: 200, body: { message: 'success', attributes }, headers }
}

/** `number` is shown as "Number" in the documentation; the other words are ours. */
const DATA_TYPES: { readonly [Type in AttributeType]: string } = {
  boolean: 'Boolean',
  number: 'Number',
  string: 'String',
  time: 'Time',
  array: 'Array',
  object: 'Object',
  object_array: 'Object Array',
}

function eventNames({ engine }: Call): readonly string[] {
  const names = new Set<string>()
  for (const user of engine.workspace.directory.users)
    for (const name of user.events.keys()) names.add(name)
  return [...names].toSorted()
}

function pageOf<T extends Json>(
  items: readonly T[],
  query: URLSearchParams,
  size: number,
): readonly T[] {
  const page = Math.max(0, Math.trunc(Number(query.get('page') ?? 0)) || 0)
  return items.slice(page * size, (page + 1) * size)
}

/**
 * A page by cursor, and the header that leads to the next one. A cursor is the number of items
 * before it, in base64.
 */
function cursorPage<T>(
  items: readonly T[],
  { query, url, engine }: Call,
): { readonly items: readonly T[]; readonly headers: Reply['headers'] } {
  if (!engine.rules.listCursor) return { items: items.slice(0, PER_CURSOR), headers: {} }
  const cursor = Buffer.from(query.get('cursor') ?? '', 'base64').toString('latin1')
  const skipped = Number(/^skip:(\d{1,9})$/.exec(cursor)?.[1] ?? 0)
  const end = skipped + PER_CURSOR
  const next = encodeURIComponent(Buffer.from(`skip:${end}`).toString('base64'))
  return {
    items: items.slice(skipped, end),
    headers: end < items.length ? { Link: `<${url}?cursor=${next}>; rel="next"` } : {},
  }
}
