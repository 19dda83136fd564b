import { maskUser } from '@engage-sync/core'
import { describeTrace } from '../../debug/debugged.ts'
import { hideValues } from '../../debug/hide.ts'
import { outcomeOf } from './entry.ts'
import type { Entry, WatchedConfiguration, WatchedRequest } from './entry.ts'

/** Members of a record whose texts tell nothing of a person. */
const PLAIN = ['type', 'event', 'channel', 'timestamp', 'receivedAt', 'sentAt', 'originalTimestamp']

/** An entry as a viewer gets it: JSON, values hidden unless they are asked for. */
export function shownEntry(
  entry: Entry,
  configuration: WatchedConfiguration,
  showValues: boolean,
): unknown {
  const { id, source, cameMs, trace, record, mappings, requests, endedMs, became, heldBy } = entry
  const known = new Set([...configuration.known, ...plainTexts(record)])
  const { event, reasons, unmapped, rejected } = describeTrace(trace, [], { showValues, known })
  const [user = ''] = entry.users
  return {
    id,
    source,
    came_ms: cameMs,
    ended_ms: endedMs,
    user: showValues ? user : maskUser(user),
    event,
    class: trace.class,
    became,
    held_by: heldBy,
    outcome: outcomeOf(entry),
    reasons,
    unmapped,
    rejected,
    record: showValues ? record : hideValues(record, known),
    mappings: mappings.map((mapping) => ({
      id: mapping,
      ...(configuration.mappings.get(mapping) ?? { place: null, becomes: null }),
    })),
    requests: requests.map((request) => shownRequest(request, known, showValues)),
  }
}

function shownRequest(
  { path, body, sentMs, answeredMs, answers }: WatchedRequest,
  known: ReadonlySet<string>,
  showValues: boolean,
): unknown {
  return {
    path,
    body: showValues ? body : hideValues(body, known),
    sent_ms: sentMs,
    answered_ms: answeredMs,
    answers,
  }
}

/** What a record says of its own kind, and of the computation it is about. */
function plainTexts(record: unknown): readonly string[] {
  if (typeof record !== 'object' || record === null) return []
  const { context, ...members } = record as Readonly<Record<string, unknown>>
  const personas = (context as { readonly personas?: object } | undefined)?.personas
  return [
    ...PLAIN.map((name) => members[name]),
    ...Object.values(typeof personas === 'object' && personas !== null ? personas : {}),
  ].filter((text) => typeof text === 'string')
}
