import { nameCountId } from '@engage-sync/core'
import type { Json, PackedRequest, Partition } from '@engage-sync/core'
import { encodeIntent } from '../../state/values/mark-intent.ts'
import type { IntendedEvent } from '../../state/values/mark-intent.ts'
import type { InFlightRows } from '../delivery/in-flight-rows.ts'
import type { RetriedLetters } from '../retry/retried-letters.ts'

/**
 * What a mark remembers of a request with events.
 *
 * @param sentAt - about when the request leaves, milliseconds
 */
export function intentOf(
  request: PackedRequest,
  flights: Pick<InFlightRows, 'get'>,
  { sentAt, retry }: { readonly sentAt: number; readonly retry: RetriedLetters | null },
): Json {
  const events: IntendedEvent[] = []
  for (const part of request.parts) {
    const flight = part.kind === 'event' ? flights.get(part.update) : undefined
    if (flight === undefined) continue
    const { open, row } = flight
    const { entry, output, candidate, name, time } = flight.eventEntries[part.ref]
    const { low, high } = open.pending.event(candidate)
    events.push({
      partition: open.rows.number,
      column: output.column,
      low,
      high,
      time,
      name,
      kind: open.rows.kindOf(row),
      user: open.rows.idText(row),
      before: deliveredCount(open.rows, row, name),
      letter: retry?.letterOf(open, { entry, candidate }) ?? null,
    })
  }
  return encodeIntent({ sentAt, events })
}

/** How many events of a name are known to be delivered to a row's user, or to an alias that became one with it. */
function deliveredCount({ counts, layout }: Partition, row: number, name: string): number {
  return counts.total(row, layout.numberOf(nameCountId(name)))
}
