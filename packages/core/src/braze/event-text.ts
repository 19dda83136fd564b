import type { Json } from '@engage-sync/contract'

/**
 * Writes an event as members of an object, without the user.
 *
 * @param event - `time` in milliseconds since the epoch; Braze keeps no finer
 * @see https://www.braze.com/docs/api/objects_filters/event_object
 */
export function eventText(event: {
  readonly name: string
  readonly time: number
  readonly properties: Json
}): string {
  const time = new Date(event.time).toISOString()
  const properties = JSON.stringify(event.properties)
  return `"name":${JSON.stringify(event.name)},"time":"${time}","properties":${properties}`
}
