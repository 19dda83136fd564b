import type { JsonObject } from '@engage-sync/core'
import type { Call, Reply } from './endpoint.ts'

const EVENTS_PER_PAGE = 250
const ATTRIBUTES_PER_PAGE = 50

/** `GET /events/list?page=0` @see https://www.braze.com/docs/api/endpoints/export/custom_events/get_custom_events/ */
export function answerEventsList(_body: JsonObject, { engine, query }: Call): Reply {
  const names = new Set<string>()
  for (const user of engine.workspace.directory.users) for (const name of user.events.keys()) names.add(name)
  return { status: 200, body: { message: 'success', events: pageOf([...names].toSorted(), query, EVENTS_PER_PAGE) } }
}

/** `GET /custom_attributes` @see https://www.braze.com/docs/api/endpoints/export/custom_attributes/get_custom_attributes/ */
export function answerCustomAttributes(_body: JsonObject, { engine, query }: Call): Reply {
  const attributes = [...engine.workspace.types]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, type]) => ({ name, data_type: type, status: 'Active' }))
  return { status: 200, body: { message: 'success', attributes: pageOf(attributes, query, ATTRIBUTES_PER_PAGE) } }
}

function pageOf<T>(items: readonly T[], query: URLSearchParams, size: number): readonly T[] {
  const page = Math.max(0, Math.trunc(Number(query.get('page') ?? 0)) || 0)
  return items.slice(page * size, (page + 1) * size)
}
