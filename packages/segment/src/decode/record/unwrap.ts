import { isJsonObject, own, parseSource } from '@engage-sync/contract'
import type { Json, JsonObject } from '@engage-sync/contract'

/** How many wrappers may lie around each other. */
const MAX_WRAPPERS = 4
/** Members that hold one event or a list of events, in wrappers that are no events themselves. */
const HOLDERS = ['json', 'value', 'events', 'event', 'payload'] as const
/**
 * Members every call has at least one of; with them, an object is an event whatever else it holds.
 */
const EVENT_MEMBERS = [
  'type',
  'traits',
  'properties',
  'messageId',
  'userId',
  'anonymousId',
] as const
const NO_EVENTS: readonly unknown[] = []

/**
 * The events inside a value as Segment's transports wrap them.
 *
 * Shape: an event gives itself; an array, `{batch}` (whose shared `context` and `integrations` go
 * to each), `{json}` of the extensible webhook, `{event, settings}` and `{events}` of functions, a
 * Kafka record's `{value}` (object or JSON text) and a Pub/Sub push `{message: {data}}` give what
 * they hold, in order. Empty wrappers give nothing.
 */
export function unwrap(value: unknown, wrappers = MAX_WRAPPERS): readonly unknown[] {
  if (Array.isArray(value))
    return wrappers === 0 ? [value] : value.flatMap((item) => unwrap(item, wrappers - 1))
  if (!isJsonObject(value) || wrappers === 0) return [value]
  const batch = own(value, 'batch')
  if (Array.isArray(batch))
    return batch.flatMap((item) => unwrap(withShared(item, value), wrappers - 1))
  if (EVENT_MEMBERS.some((member) => Object.hasOwn(value, member))) return [value]
  const held = heldBy(value)
  return held === undefined ? [value] : unwrap(held, wrappers - 1)
}

function heldBy(wrapper: JsonObject): unknown {
  for (const member of HOLDERS) {
    const held = own(wrapper, member)
    if (typeof held === 'object' && held !== null) return held
    if (typeof held === 'string' && member === 'value') return parse(held)
  }
  const message = own(wrapper, 'message')
  const data = isJsonObject(message) ? own(message, 'data') : undefined
  return typeof data === 'string' ? parse(Buffer.from(data, 'base64').toString('utf8')) : undefined
}

/** Members of a batch hold for each of its events that has none of its own. */
function withShared(item: unknown, wrapper: JsonObject): unknown {
  if (!isJsonObject(item)) return item
  const shared: Record<string, Json> = {}
  for (const member of ['context', 'integrations'] as const) {
    const common = own(wrapper, member)
    const inner = own(item, member)
    if (isJsonObject(common))
      shared[member] = isJsonObject(inner) ? { ...common, ...inner } : (inner ?? common)
  }
  return Object.keys(shared).length === 0 ? item : { ...item, ...shared }
}

function parse(text: string): unknown {
  try {
    return parseSource(text)
  } catch {
    return NO_EVENTS
  }
}
