import {
  ALIAS,
  countsFor,
  eventsOfRow,
  hasPending,
  itemAt,
  pendingOutputs,
} from '@engage-sync/core'
import type {
  EventEntry,
  OpenPartition,
  Outcome,
  PendingOutput,
  RowPlace,
  RunProgram,
} from '@engage-sync/core'
import type { MergedRows } from '../aliases/index.ts'
import type { Committer } from '../durable/index.ts'
import { DeferredChanges } from './deferred-changes.ts'
import type { DeliveryListener } from './delivery-listener.ts'
import { changeOf, joinPutOff, PutOffParts } from './put-off.ts'
import type { PutOff } from './put-off.ts'
import type { RowInFlight, RowState } from './row-in-flight.ts'
import { RowWriter } from './row-writer.ts'
import { UnansweredParts } from './unanswered-parts.ts'

type Rejected = Extract<Outcome, { status: 'rejected' }>

/**
 * Takes the outcomes of one row's parts into the rows and the next commit.
 *
 * Delivered columns are written as they stand; refused ones get back the digest delivered before,
 * with the refused digest beside it; failed ones get back all, so that the next run finds them
 * pending again.
 */
export class RowOutcomes {
  readonly #program: RunProgram
  readonly #writer: RowWriter
  readonly #listener: DeliveryListener
  /**
   * Values of alias rows are kept as text until the alias is promoted, so that they can be sent
   * again.
   */
  readonly #keepsAliases: boolean
  readonly unanswered: UnansweredParts
  readonly #putOff: PutOffParts | null
  readonly #keepsValues: boolean
  readonly #run: number
  /** What failed in this pass. */
  readonly deferred = new DeferredChanges()

  constructor(parts: {
    readonly program: RunProgram
    readonly committer: Committer
    readonly listener: DeliveryListener
    /** The run what is delivered comes from. */
    readonly run: number
    /** Every delivered value is kept as text, not its digest alone. Default false. */
    readonly keepsValues?: boolean | undefined
    /** `takePutOff` is asked. Default false. */
    readonly keepsPutOff?: boolean
  }) {
    const { program } = parts
    this.#keepsValues = parts.keepsValues ?? false
    this.#putOff = parts.keepsPutOff === true ? new PutOffParts() : null
    this.#run = parts.run
    this.#program = program
    this.unanswered = new UnansweredParts(program)
    this.#writer = new RowWriter(program, parts.committer)
    this.#listener = parts.listener
    this.#keepsAliases = program.fold.syncs.some(({ promote }) => promote !== 'never')
  }

  /** The outcome of the row's attributes object. */
  attributes(flight: RowInFlight, outcome: Outcome): void {
    const { attributeEntries } = flight
    if (outcome.status === 'delivered') {
      if (flight.isReason || outcome.exists === true) this.#markCreated(flight)
      // The last part: the row is written whole in the same breath, if nothing of it is left.
      flight.unwritten = flight.unanswered === 1
      for (const pending of attributeEntries) this.#delivered(flight, pending, flight.unwritten)
    } else if (outcome.status === 'rejected') this.#attributesRefused(flight, outcome)
    else this.#failed(flight, attributeEntries, outcome)
  }

  /** The outcome of the row's event n. */
  event(flight: RowInFlight, ref: number, outcome: Outcome): void {
    const pending = itemAt(flight.eventEntries, ref)
    if (outcome.status === 'delivered') {
      this.#markCreated(flight)
      this.#countEvent(flight, ref)
      this.#noteOrigin(flight, pending.output.column)
      this.#advanceEvent(flight, ref, 'deliver')
      this.#listener.delivered(flight, pending, pending.candidate)
      this.#putOff?.delivered(flight, pending, pending.candidate)
    } else if (outcome.status === 'rejected') {
      this.#advanceEvent(flight, ref, 'refuse')
      this.#tellRefused(flight, pending, { outcome, candidate: pending.candidate })
    } else this.#failed(flight, [pending], outcome)
  }

  /** The row's event n has no answer, and is taken as delivered. */
  decided(flight: RowInFlight, ref: number): void {
    const entry = itemAt(flight.eventEntries, ref)
    this.#markCreated(flight)
    this.#countEvent(flight, ref)
    this.#noteOrigin(flight, entry.output.column)
    this.#advanceEvent(flight, ref, 'deliver')
    this.#listener.decided(flight, entry)
  }

  /** The outcome of one membership of a row. */
  membership(state: RowState, pending: PendingOutput, outcome: Outcome): void {
    if (outcome.status === 'delivered') this.#delivered(state, pending)
    else if (outcome.status === 'rejected') this.#refuse(state, pending, outcome)
    else this.#failed(state, [pending], outcome)
  }

  /**
   * Names the aliases whose rows become durable with those of their users: before that, all of it
   * is found again.
   */
  follow(pairs: readonly MergedRows[]): void {
    this.#writer.follow(pairs)
    this.deferred.clear()
  }

  /** Writes the row of an alias that goes to somebody else: it is empty, and promoted. */
  writeHanded(alias: RowPlace): void {
    this.#writer.alias(alias)
  }

  /** Writes a row whose every part is settled, and its aliases'. */
  finishRow(open: OpenPartition, row: number): void {
    this.#writer.finish(open, row)
  }

  /** Leaves a row that has nothing to send to the end of the pass, unless something is bound to it. */
  leaveRow(open: OpenPartition, row: number): void {
    this.#writer.leave(open, row)
  }

  /** Writes the rows that were left to the end. */
  finishRest(open: OpenPartition): void {
    this.#writer.finishRest(open)
  }

  /**
   * Writes a row that is not settled, with what is still pending put back: the next run folds that
   * again.
   */
  suspendRow(open: OpenPartition, row: number): void {
    const { pending } = open
    for (let entry = pending.first(row); entry >= 0; entry = pending.after(entry))
      if (pending.isOpen(entry)) open.defer(row, entry)
    this.#writer.row(open, row).head(row)
  }

  /** What a row was to change and did not; to be asked before it is suspended, and once. */
  takePutOff({ open, row }: RowPlace): PutOff {
    const place = { open, row }
    const failed = this.#putOff?.take(place) ?? []
    if (open.pending.first(row) < 0) return joinPutOff(failed)
    const events = eventsOfRow(this.#program.fold, open, row)
    const left = pendingOutputs(this.#program.outputs, place, events)
    const unsent = left.map((pending) =>
      changeOf(place, { pending, events: events.get(pending.entry)?.length ?? 0 }),
    )
    return joinPutOff([...failed, ...unsent])
  }

  /** Writes the attributes that were left to the row's end, when it does not end here. */
  writeDelivered(flight: RowInFlight): void {
    if (!flight.unwritten) return
    const { open, row } = flight
    const delta = this.#writer.ensure(open, row)
    for (const { output } of flight.attributeEntries) delta.column(row, output.column)
    flight.unwritten = false
  }

  /** Whether something of the row is still to be sent, memberships apart. */
  isWaiting(open: OpenPartition, row: number): boolean {
    return hasPending(this.#program.outputs, { open, row }, ({ kind }) => kind !== 'cohort')
  }

  #markCreated({ open, row }: RowState): void {
    const { flags } = open.rows
    if (flags.isCreated(row)) return
    flags.create(row)
    this.#writer.ensure(open, row).head(row)
  }

  #delivered(state: RowState, pending: PendingOutput, isLeft = false): void {
    const { open, row } = state
    const { output, entry } = pending
    const delta = this.#writer.ensure(open, row)
    this.#listener.delivered(state, pending, -1)
    this.#putOff?.delivered(state, pending, -1)
    this.#noteOrigin(state, output.column)
    if (!isLeft) delta.column(row, output.column)
    if (
      output.storesText ||
      this.#keepsValues ||
      (this.#keepsAliases && open.rows.kindOf(row) === ALIAS)
    ) {
      open.rows.storedTexts.set(row, output.column, open.pending.text(entry))
      delta.storedText(row, output.column)
    }
    open.pending.turn(entry, 'deliver')
  }

  #noteOrigin({ open: { rows }, row }: RowState, column: number): void {
    rows.noteRun(row, column, this.#run)
  }

  #attributesRefused(flight: RowInFlight, outcome: Rejected): void {
    const { attributeEntries } = flight
    const named =
      outcome.field === undefined
        ? []
        : attributeEntries.filter(
            ({ output: { encoding } }) =>
              encoding.kind === 'attribute' && encoding.name === outcome.field,
          )
    const refused = named.length > 0 ? named : attributeEntries
    if (refused.length < attributeEntries.length) flight.again = true
    for (const pending of refused) this.#refuse(flight, pending, outcome)
  }

  #refuse(state: RowState, pending: PendingOutput, outcome: Rejected): void {
    const { open, row } = state
    const { output, entry } = pending
    this.#tellRefused(state, pending, { outcome, candidate: -1 })
    open.refuse(row, entry)
    const delta = this.#writer.ensure(open, row)
    delta.column(row, output.column)
    delta.refused(row, output.column)
  }

  #tellRefused(
    { open, row }: RowState,
    pending: PendingOutput,
    how: { outcome: Rejected; candidate: number },
  ): void {
    const { code, message } = how.outcome.rejection
    this.#listener.refused({ open, row, pending, code, message, candidate: how.candidate })
  }

  /**
   * After its last event the slot holds what was folded; before that, what was delivered so far.
   */
  #advanceEvent(flight: RowInFlight, ref: number, turn: 'deliver' | 'refuse'): void {
    const { open, row } = flight
    const { entry, output, candidate } = itemAt(flight.eventEntries, ref)
    const isLast = !flight.eventEntries.some((other, index) => index > ref && other.entry === entry)
    const delta = this.#writer.ensure(open, row)
    if (isLast) {
      delta.column(row, output.column)
      open.pending.turn(entry, turn)
      return
    }
    const held = open.pending.event(candidate)
    const { slots } = open.rows
    const folded = slots.held(row, output.column)
    slots.write(row, output.column, held)
    delta.column(row, output.column)
    slots.write(row, output.column, folded)
    open.pending.advance(entry, held)
    open.pending.dropEventsUpTo(entry, held.time)
  }

  #countEvent(flight: RowInFlight, ref: number): void {
    const { open, row } = flight
    const { name, time, output } = itemAt(flight.eventEntries, ref)
    for (const counter of this.#program.fold.counters) {
      if (!countsFor(counter, { name, mapping: output.id, time })) continue
      open.rows.counts.count(row, counter, time)
      this.#writer.count(open, row, counter.column)
    }
  }

  #failed(
    state: RowState,
    entries: readonly (PendingOutput | EventEntry)[],
    { status }: Outcome,
  ): void {
    const { open, row } = state
    state.failed = true
    for (const pending of entries) {
      const candidate = 'candidate' in pending ? pending.candidate : -1
      if (status === 'unknown') this.#listener.unknown(state, pending)
      this.#putOff?.note(state, { pending, events: 1, candidate }, status === 'unknown')
      this.deferred.defer(state, pending)
      this.unanswered.note(open, row, pending)
    }
  }
}
