import { buildRowUpdate, eventsOfRow, pendingOutputs, DIRTY, ROW_CREATED, userOfRow } from '@engage-sync/core'
import type {
  Destination,
  Json,
  OpenPartition,
  OpenRows,
  Outcome,
  PackedRequest,
  Packer,
  RunProgram,
  Sent,
  Update,
} from '@engage-sync/core'
import type { Committer } from './committer.ts'
import { killPoint } from './kill-points.ts'
import type { RowInFlight, RowOutcomes } from './row-delivery.ts'
import { Window } from './window.ts'

/** Rows per partition that fit an update's reference. */
const ROW_LIMIT = 2 ** 26
/** Rounds of one run: the second carries what could not share an object, or what was left after a refused field. */
const MAX_ROUNDS = 4

/** What delivery needs. */
export interface DeliveryParts {
  readonly program: RunProgram
  readonly rows: OpenRows
  readonly destination: Destination
  readonly committer: Committer
  readonly outcomes: RowOutcomes
  readonly run: number
  /** Aborted: nothing more is started. */
  readonly signal: AbortSignal
  /** Aborted: what is in flight is given up. */
  readonly sendSignal: AbortSignal
  /** Users may be created, by sync name. */
  readonly createUsers: ReadonlySet<string>
  readonly onSent: (sent: { readonly requests: number; readonly retries: number; readonly updates: number }) => void
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}

/** How delivery of attributes and events ended. */
export interface DeliveryResult {
  /** Rows with memberships to change, once their user exists. */
  readonly memberships: readonly RowInFlight[]
  /** Some part was neither delivered nor refused; the source position must not move. */
  readonly incomplete: boolean
  /** A user was created in this run, so dependent requests must wait. */
  readonly createdUsers: boolean
  /** Ids of marks whose outcome is not known. */
  readonly unknownMarks: readonly string[]
  /** An error that ended delivery early, or null. */
  readonly failure: unknown
}

/**
 * Sends the pending rows' attributes and events: packs them, marks what must not be repeated blindly, delivers under
 * the window, and hands every outcome to the rows.
 */
export class Delivery {
  readonly #parts: DeliveryParts
  readonly #flights = new Map<number, RowInFlight>()
  readonly #answered = new Map<number, Promise<void>>()
  readonly #window: Window
  #memberships: RowInFlight[] = []
  #again: RowInFlight[] = []
  #incomplete = false
  #createdUsers = false
  #unknownMarks: string[] = []
  #failure: unknown = null

  constructor(parts: DeliveryParts) {
    this.#parts = parts
    this.#window = new Window(parts.destination.concurrency)
  }

  /** Delivers every open partition's pending rows. */
  async run(): Promise<DeliveryResult> {
    const { rows } = this.#parts
    let packer = this.#parts.destination.createPacker()
    for (const open of rows.partitions) {
      if (open === undefined) continue
      for (let row = 0; row < open.rows.rows && !this.#isStopped; row++) {
        if (open.pending.touched[row] !== 0) await this.#row(packer, open, row)
      }
    }
    await this.#drain(packer)
    for (let round = 1; round < MAX_ROUNDS && this.#again.length > 0 && !this.#isStopped; round++) {
      await this.#parts.wait(this.#parts.destination.settleMs, this.#parts.signal)
      const again = this.#again
      this.#again = []
      packer = this.#parts.destination.createPacker()
      for (const flight of again) await this.#row(packer, flight.open, flight.row)
      await this.#drain(packer)
    }
    if (this.#again.length > 0 || this.#isStopped) this.#incomplete = true
    return {
      memberships: this.#memberships,
      incomplete: this.#incomplete,
      createdUsers: this.#createdUsers,
      unknownMarks: this.#unknownMarks,
      failure: this.#failure,
    }
  }

  get #isStopped(): boolean {
    return this.#failure !== null || this.#parts.signal.aborted || this.#parts.committer.failure !== null
  }

  async #row(packer: Packer, open: OpenPartition, row: number): Promise<void> {
    const { program } = this.#parts
    const events = eventsOfRow(program.fold, open, row)
    const entries = pendingOutputs(program.outputs, open, row)
    if (entries.length === 0) {
      if ((open.pending.touched[row] & DIRTY) !== 0 || open.pending.head[row] >= 0) this.#parts.outcomes.finishRow(open, row)
      return
    }
    const update = buildRowUpdate({ program: program.fold, open, row, events, entries })
    const flight: RowInFlight = {
      open,
      row,
      update,
      unanswered: (update.attributes === null ? 0 : 1) + update.events.length,
      failed: false,
      again: false,
    }
    if (flight.unanswered === 0) return this.#rowDone(flight)
    const ref = open.rows.number * ROW_LIMIT + row
    this.#flights.set(ref, flight)
    for (const request of packer.add(this.#updateOf(ref, flight))) await this.#dispatch(request)
    this.#takeUnpackable(packer)
  }

  #updateOf(ref: number, { open, row, update }: RowInFlight): Update {
    const entries = [...update.attributeEntries, ...update.eventEntries]
    return {
      ref,
      user: userOfRow(open.rows, row),
      attributes: update.attributes,
      attributeNames: update.attributeNames,
      events: update.events,
      memberships: [],
      createUser: entries.some(({ output }) => this.#parts.createUsers.has(output.syncName)),
    }
  }

  async #drain(packer: Packer): Promise<void> {
    if (!this.#isStopped) {
      for (const request of packer.flush()) await this.#dispatch(request)
      this.#takeUnpackable(packer)
    }
    await this.#window.idle()
    for (const flight of this.#flights.values()) this.#abandon(flight)
    this.#flights.clear()
    this.#answered.clear()
    await this.#parts.committer.flush().catch((error: unknown) => this.#fail(error))
  }

  /** A row whose requests never left. */
  #abandon(flight: RowInFlight): void {
    const failed: Outcome = { status: 'failed', reason: 'not sent' }
    if (flight.update.attributes !== null && flight.unanswered === flight.update.events.length + 1)
      this.#parts.outcomes.attributes(flight, failed)
    flight.failed = true
    this.#incomplete = true
  }

  #takeUnpackable(packer: Packer): void {
    for (const { part, outcome } of packer.takeUnpackable()) this.#partDone(part, outcome)
  }

  async #dispatch(request: PackedRequest): Promise<void> {
    await this.#window.enter()
    if (this.#isStopped) return this.#window.leave()
    const answered = this.#send(request)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#window.leave())
    this.#answered.set(request.id, answered)
    if (this.#answered.size > 4096) this.#forgetAnswered(request.id)
  }

  /** Keeps only requests recent enough for another to wait for. */
  #forgetAnswered(newest: number): void {
    for (const id of this.#answered.keys()) if (id < newest - 2048) this.#answered.delete(id)
  }

  async #send(request: PackedRequest): Promise<void> {
    const { destination, committer, signal, run } = this.#parts
    if (request.after !== null) {
      await this.#answered.get(request.after)
      if (destination.settleMs > 0) await this.#parts.wait(destination.settleMs, signal)
    }
    if (this.#isStopped) return
    const mark = request.needsMark ? `${run}:${request.id}` : null
    if (mark !== null) {
      killPoint('before-mark')
      await committer.mark({ id: mark, run, intent: this.#intentOf(request) })
      killPoint('after-mark')
    }
    const sent = await this.#deliver(request, mark)
    killPoint('after-send')
    this.#take(request, sent, mark)
  }

  async #deliver(request: PackedRequest, mark: string | null): Promise<Sent> {
    try {
      return await this.#parts.destination.send(request, this.#parts.sendSignal)
    } catch (error) {
      if (mark !== null) this.#parts.committer.closeMark(mark)
      throw error
    }
  }

  /** What a mark remembers: per event the user, the slot's column, and what the slot will hold. */
  #intentOf(request: PackedRequest): Json {
    const events: Json[] = []
    for (const part of request.parts) {
      const flight = part.kind === 'event' ? this.#flights.get(part.update) : undefined
      if (flight === undefined) continue
      const { output, candidate, name, time } = flight.update.eventEntries[part.ref]
      const { candidates } = flight.open.pending
      const row = flight.row
      events.push([
        flight.open.rows.number,
        row,
        output.column,
        candidates.low[candidate],
        candidates.high[candidate],
        time,
        name,
        flight.open.rows.kindOf(row),
        flight.open.rows.idText(row),
      ])
    }
    return { events }
  }

  #take(request: PackedRequest, sent: Sent, mark: string | null): void {
    const isUnknown = sent.outcomes.some(({ status }) => status === 'unknown')
    request.parts.forEach((part, index) => this.#partDone(part, sent.outcomes[index]))
    if (mark !== null && isUnknown) this.#unknownMarks.push(mark)
    else if (mark !== null) this.#parts.committer.closeMark(mark)
    this.#parts.committer.soon()
    this.#parts.onSent({ requests: sent.requests, retries: sent.retries, updates: request.parts.length })
  }

  #partDone(part: PackedRequest['parts'][number], outcome: Outcome): void {
    const flight = this.#flights.get(part.update)
    if (flight === undefined) return
    const { open, row } = flight
    const wasCreated = (open.rows.words[row * open.rows.layout.stride] & ROW_CREATED) !== 0
    if (part.kind === 'attributes') this.#parts.outcomes.attributes(flight, outcome)
    else this.#parts.outcomes.event(flight, part.ref, outcome)
    if (!wasCreated && outcome.status === 'delivered') this.#createdUsers = true
    if (--flight.unanswered > 0) return
    this.#flights.delete(part.update)
    this.#rowDone(flight)
  }

  #rowDone(flight: RowInFlight): void {
    const { open, row, update } = flight
    if (flight.failed) {
      this.#incomplete = true
      return
    }
    const isWaiting = flight.again || pendingOutputs(this.#parts.program.outputs, open, row).some(({ output }) => output.kind !== 'cohort')
    if (isWaiting) this.#again.push(flight)
    else if (update.memberships.length > 0) this.#memberships.push(flight)
    else this.#parts.outcomes.finishRow(open, row)
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#incomplete = true
  }
}
