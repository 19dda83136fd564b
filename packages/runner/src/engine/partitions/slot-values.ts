import { PENDING_SILENT } from '@engage-sync/core'
import type { OpenPartition } from '@engage-sync/core'

/** What a slot holds: a digest and its event time, milliseconds. */
export interface Held {
  readonly low: number
  readonly high: number
  readonly time: number
}

/** Gives a slot what it held before, and has nothing sent for it. */
export function putBack(open: OpenPartition, row: number, entry: number): void {
  const { column, beforeLow, beforeHigh, beforeTime, flags } = open.pending
  const { stride, offsets } = open.rows.layout
  const before = { low: beforeLow[entry], high: beforeHigh[entry], time: beforeTime[entry] }
  setSlot(open, row * stride + offsets[column[entry]], before)
  flags[entry] |= PENDING_SILENT
}

/** Writes a slot whose words begin at `at`. */
export function setSlot(open: OpenPartition, at: number, slot: Held): void {
  open.rows.words[at] = slot.low
  open.rows.words[at + 1] = slot.high
  open.rows.times[(at + 2) >> 1] = slot.time
}
