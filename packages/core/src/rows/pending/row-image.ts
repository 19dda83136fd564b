import { readPartition, writeSnapshot } from '../durable.ts'
import type { Layout } from '../layout.ts'
import { OpenPartition } from './open-partition.ts'
import type { RowPlace } from './open-partition.ts'
import { pickRows } from '../pick-rows.ts'
import type { Held } from '../slots.ts'

/** What was pending in one slot of a row. */
export interface PendingImage {
  readonly column: number
  /** What the slot held when it was last durable. */
  readonly before: Held
  readonly isInDoubt: boolean
  /** The canonical text to send; null for a slot of events. */
  readonly text: string | null
  /** In the order they were added. */
  readonly events: readonly (Held & { readonly isHistory: boolean; readonly text: string })[]
}

/** One row by itself, with what was pending in it: what another process needs to go on with it. */
export interface RowImage {
  /** A snapshot of a partition that has this row alone. */
  readonly row: Uint8Array
  readonly pending: readonly PendingImage[]
}

const encoder = new TextEncoder()

/** The image of a row as it stands. */
export function imageOf({ open, row }: RowPlace): RowImage {
  const { pending, rows } = open
  const images: PendingImage[] = []
  for (let entry = pending.first(row); entry >= 0; entry = pending.after(entry)) {
    if (!pending.isOpen(entry)) continue
    const isEvent = pending.isEvent(entry)
    const events = isEvent ? pending.eventsOf(entry).toReversed() : []
    images.push({
      column: pending.columnOf(entry),
      before: pending.before(entry),
      isInDoubt: pending.isInDoubt(entry),
      text: isEvent ? null : pending.text(entry),
      events: events.map(({ candidate, isHistory, low, high, time }) => ({
        low,
        high,
        time,
        isHistory,
        text: pending.eventText(candidate),
      })),
    })
  }
  return { row: writeSnapshot(pickRows(rows, [row])), pending: images.toReversed() }
}

/**
 * The row of an image, in a partition of its own that is nobody else's.
 *
 * @param number - of the partition it came from
 * @throws {SyncError} `STATE_UNREADABLE` for bytes that are no row
 */
export function openImage(number: number, layout: Layout, image: RowImage): RowPlace {
  const rows = readPartition(number, layout, { snapshot: image.row, deltas: [] })
  const open = new OpenPartition(rows)
  for (const one of image.pending) restore({ open, row: 0 }, one)
  return { open, row: 0 }
}

function restore({ open, row }: RowPlace, image: PendingImage): void {
  const { pending } = open
  const { column, before, text, events, isInDoubt } = image
  let entry: number
  if (text === null) {
    entry = open.eventEntryFor(row, column, before)
    for (const event of events) pending.addEvent(entry, event, encoder.encode(event.text))
  } else {
    entry = open.propose(row, column, encoder.encode(text))
    pending.advance(entry, before)
  }
  if (isInDoubt) pending.doubt(entry)
}

/** Has nothing in a column of a row any more. */
export function blankColumn({ open: { rows }, row }: RowPlace, column: number): void {
  const at = row * rows.layout.stride + rows.layout.offsets[column]
  rows.words.fill(0, at, at + rows.layout.wordsOf(column))
}
