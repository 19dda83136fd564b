import { itemAt, nameCountId } from '@engage-sync/core'
import type { Json, OpenPartition, PackedRequest, Partition, RowUpdate } from '@engage-sync/core'
import { encodeIntent } from '../../state/values/mark-intent.ts'
import type { IntendedEvent } from '../../state/values/mark-intent.ts'

/** A row whose events are on their way. */
export interface MarkedRow {
  readonly open: OpenPartition
  readonly row: number
  /** By the events' `ref`. */
  readonly eventEntries: RowUpdate['eventEntries']
}

/**
 * The dead letter a pending change was made of, or null. @param change - `candidate`: of an event;
 * -1 for others
 */
export type LetterOf = (
  open: OpenPartition,
  change: { readonly entry: number; readonly candidate: number },
) => number | null

/**
 * What a mark remembers of a request with events.
 *
 * @param rowOf - the row of an update on its way; undefined once all of it was answered
 * @param from - `sentAt`: about when the request leaves, milliseconds
 */
export function intentOf(
  request: PackedRequest,
  rowOf: (update: number) => MarkedRow | undefined,
  { sentAt, letterOf }: { readonly sentAt: number; readonly letterOf: LetterOf },
): Json {
  const events: IntendedEvent[] = []
  const columns = new Map<string, number>()
  for (const part of request.parts) {
    const flight = part.kind === 'event' ? rowOf(part.update) : undefined
    if (flight === undefined) continue
    const { open, row } = flight
    const { entry, output, candidate, name, time } = itemAt(flight.eventEntries, part.ref)
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
      before: open.rows.counts.total(row, countColumn(columns, open.rows, name)),
      letter: letterOf(open, { entry, candidate }),
    })
  }
  return encodeIntent({ sentAt, events })
}

/** Notes that the intent of a request's events is durable. */
export function noteMarked(
  { parts }: PackedRequest,
  rowOf: (update: number) => MarkedRow | undefined,
): void {
  for (const { kind, update, ref } of parts) {
    const flight = kind === 'event' ? rowOf(update) : undefined
    flight?.open.pending.turn(itemAt(flight.eventEntries, ref).entry, 'mark')
  }
}

/**
 * The column that counts events of a name that are known to be delivered to a row's user, or to an
 * alias that became one with it; the same in all partitions. Names of a request are few.
 */
function countColumn(columns: Map<string, number>, { layout }: Partition, name: string): number {
  let column = columns.get(name)
  if (column === undefined) columns.set(name, (column = layout.numberOf(nameCountId(name))))
  return column
}
