import { countsFor, addDayCount, PENDING_SILENT, ROW_CREATED } from '@engage-sync/core'
import type { DeltaWriter, OpenPartition, Outcome, PendingOutput, RowUpdate, RunProgram } from '@engage-sync/core'
import type { Committer } from './committer.ts'

/** A row whose parts are on their way. */
export interface RowInFlight {
  readonly open: OpenPartition
  readonly row: number
  readonly update: RowUpdate
  /** Parts (attributes, events) not answered yet. */
  unanswered: number
  /** Some part was neither delivered nor refused. */
  failed: boolean
  /** The attributes object was refused for one field: the rest goes once more. */
  again: boolean
}

/** Something Braze refused, for dead letters and counts. */
export interface Refusal {
  readonly open: OpenPartition
  readonly row: number
  readonly output: PendingOutput['output']
  readonly code: string
  readonly message: string
  readonly kind: 'attribute' | 'event' | 'membership'
}

/** What delivery counts per mapping or segment. */
export interface DeliveryListener {
  delivered(pending: PendingOutput, row: RowInFlight): void
  refused(refusal: Refusal): void
}

/**
 * Takes the outcomes of one row's parts into the rows and the next commit.
 *
 * Delivered columns are written as they stand; refused ones get back the digest delivered before, with the refused
 * digest beside it; failed ones get back all, so that the next run finds them pending again.
 */
export class RowOutcomes {
  readonly #program: RunProgram
  readonly #committer: Committer
  readonly #listener: DeliveryListener

  constructor(program: RunProgram, committer: Committer, listener: DeliveryListener) {
    this.#program = program
    this.#committer = committer
    this.#listener = listener
  }

  /** The outcome of the row's attributes object. */
  attributes(flight: RowInFlight, outcome: Outcome): void {
    const { attributeEntries } = flight.update
    if (outcome.status === 'delivered') {
      this.#markCreated(flight)
      for (const pending of attributeEntries) this.#delivered(flight, pending)
    } else if (outcome.status === 'rejected') this.#attributesRefused(flight, outcome)
    else this.#failed(flight, attributeEntries)
  }

  /** The outcome of the row's event n. */
  event(flight: RowInFlight, ref: number, outcome: Outcome): void {
    const pending = flight.update.eventEntries[ref]
    if (outcome.status === 'delivered') {
      this.#markCreated(flight)
      this.#countEvent(flight, ref)
      this.#advanceEvent(flight, ref)
      this.#listener.delivered(pending, flight)
    } else if (outcome.status === 'rejected') {
      this.#advanceEvent(flight, ref)
      this.#listener.refused({ ...this.#refusal(flight, pending, outcome.rejection), kind: 'event' })
    } else this.#failed(flight, [pending])
  }

  /** The outcome of the row's membership n. */
  membership(flight: RowInFlight, ref: number, outcome: Outcome): void {
    const pending = flight.update.membershipEntries[ref]
    if (outcome.status === 'delivered') this.#delivered(flight, pending)
    else if (outcome.status === 'rejected') this.#refuse(flight, pending, { outcome, kind: 'membership' })
    else this.#failed(flight, [pending])
  }

  /** Writes a row whose every part is settled: all its columns, whatever else the fold learnt. */
  finishRow(open: OpenPartition, row: number): void {
    const delta = this.#ensureRow(open, row)
    for (const column of this.#program.columns) delta.column(row, column)
    delta.head(row)
  }

  #markCreated({ open, row }: RowInFlight): void {
    open.rows.words[row * open.rows.layout.stride] |= ROW_CREATED
  }

  #delivered(flight: RowInFlight, pending: PendingOutput): void {
    const { open, row } = flight
    const delta = this.#ensureRow(open, row)
    delta.column(row, pending.output.column)
    if (pending.output.keep) {
      const { arena, value, length } = open.pending
      open.rows.kept.set(
        row * open.rows.layout.columns.length + pending.output.column,
        arena.text(value[pending.entry], length[pending.entry]),
      )
      delta.kept(row, pending.output.column)
    }
    open.pending.flags[pending.entry] |= PENDING_SILENT
    this.#listener.delivered(pending, flight)
  }

  #attributesRefused(flight: RowInFlight, outcome: Extract<Outcome, { status: 'rejected' }>): void {
    const { attributeEntries } = flight.update
    const named = outcome.field === undefined ? [] : attributeEntries.filter(({ output }) => output.attribute?.name === outcome.field)
    const refused = named.length > 0 ? named : attributeEntries
    for (const pending of refused) this.#refuse(flight, pending, { outcome, kind: 'attribute' })
    if (refused.length < attributeEntries.length) flight.again = true
  }

  #refuse(
    flight: RowInFlight,
    pending: PendingOutput,
    how: { outcome: Extract<Outcome, { status: 'rejected' }>; kind: Refusal['kind'] },
  ): void {
    const { open, row } = flight
    const { output, entry } = pending
    const { rows } = open
    const at = row * rows.layout.stride + output.offset
    rows.refused.set(row * rows.layout.columns.length + output.column, [rows.words[at], rows.words[at + 1]])
    rows.words[at] = open.pending.beforeLow[entry]
    rows.words[at + 1] = open.pending.beforeHigh[entry]
    open.pending.flags[entry] |= PENDING_SILENT
    const delta = this.#ensureRow(open, row)
    delta.column(row, output.column)
    delta.refused(row, output.column)
    this.#listener.refused({ ...this.#refusal(flight, pending, how.outcome.rejection), kind: how.kind })
  }

  #refusal(flight: RowInFlight, pending: PendingOutput, rejection: { code: string; message: string }): Omit<Refusal, 'kind'> {
    return { open: flight.open, row: flight.row, output: pending.output, code: rejection.code, message: rejection.message }
  }

  /** After its last event the slot holds what was folded; before that, what was delivered so far. */
  #advanceEvent(flight: RowInFlight, ref: number): void {
    const { open, row, update } = flight
    const { entry, output, candidate } = update.eventEntries[ref]
    const isLast = !update.eventEntries.some((other, index) => index > ref && other.entry === entry)
    const delta = this.#ensureRow(open, row)
    if (isLast) {
      delta.column(row, output.column)
      open.pending.flags[entry] |= PENDING_SILENT
      return
    }
    const { candidates } = open.pending
    this.#withSlot(
      flight,
      output.offset,
      { low: candidates.low[candidate], high: candidates.high[candidate], time: candidates.time[candidate] },
      () => delta.column(row, output.column),
    )
    open.pending.beforeLow[entry] = candidates.low[candidate]
    open.pending.beforeHigh[entry] = candidates.high[candidate]
    open.pending.beforeTime[entry] = candidates.time[candidate]
  }

  #withSlot(flight: RowInFlight, offset: number, held: { low: number; high: number; time: number }, write: () => void): void {
    const { rows } = flight.open
    const at = flight.row * rows.layout.stride + offset
    const folded = { low: rows.words[at], high: rows.words[at + 1], time: rows.times[(at + 2) >> 1] }
    setSlot(flight, at, held)
    write()
    setSlot(flight, at, folded)
  }

  #countEvent(flight: RowInFlight, ref: number): void {
    const { open, row, update } = flight
    const { name, time, output } = update.eventEntries[ref]
    for (const counter of this.#program.fold.counters) {
      if (!countsFor(counter, { name, mapping: output.id, time })) continue
      const at = row * open.rows.layout.stride + counter.offset
      if (counter.daily) addDayCount(open.rows, at, time)
      else open.rows.words[at]++
      this.#ensureRow(open, row).column(row, counter.column)
    }
  }

  #failed(flight: RowInFlight, entries: readonly PendingOutput[]): void {
    flight.failed = true
    const { open, row } = flight
    for (const { entry, output } of entries) {
      const at = row * open.rows.layout.stride + output.offset
      setSlot(flight, at, {
        low: open.pending.beforeLow[entry],
        high: open.pending.beforeHigh[entry],
        time: open.pending.beforeTime[entry],
      })
      open.pending.flags[entry] |= PENDING_SILENT
    }
  }

  /** The delta to write to, after the rows up to this one are in the log. */
  #ensureRow(open: OpenPartition, row: number): DeltaWriter {
    const delta = this.#committer.deltaOf(open)
    while (open.durableRows <= row) delta.row(open.durableRows++)
    return delta
  }
}

function setSlot({ open }: RowInFlight, at: number, slot: { low: number; high: number; time: number }): void {
  open.rows.words[at] = slot.low
  open.rows.words[at + 1] = slot.high
  open.rows.times[(at + 2) >> 1] = slot.time
}
