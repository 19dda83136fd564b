import { setImmediate } from 'node:timers/promises'
import { buildRowUpdate, eventsOfRow, pendingOutputs, SyncError, userOfRow } from '@engage-sync/core'
import type {
  Destination,
  OpenPartition,
  OpenRows,
  Outcome,
  PackedRequest,
  Packer,
  RowUpdate,
  RunProgram,
  Sent,
  Update,
} from '@engage-sync/core'
import type { Committer } from '../durable/committer.ts'
import { InFlightRows } from './in-flight-rows.ts'
import { intentOf } from '../durable/intents.ts'
import { killPoint, killPointSoon } from '../../process/kill-points.ts'
import type { RetriedLetters } from '../retry/retried-letters.ts'
import type { RowOutcomes } from './row-outcomes.ts'
import type { RowInFlight } from './row-in-flight.ts'
import { Semaphore } from './semaphore.ts'

/** Rounds of one run: the second carries what could not share an object, or what was left after a refused field. */
const MAX_ROUNDS = 4

/** What every delivery of a run shares. */
export interface DeliveryContext {
  readonly program: RunProgram
  readonly destination: Destination
  readonly committer: Committer
  readonly outcomes: RowOutcomes
  readonly run: number
  /** Aborted: nothing more is started. */
  readonly signal: AbortSignal
  /** Aborted: what is in flight is given up. */
  readonly sendSignal: AbortSignal
  /** Throws when the lease was lost; asked before anything leaves. */
  readonly ensureLease: () => Promise<void>
  readonly onSent: (sent: { readonly requests: number; readonly retries: number; readonly updates: number }) => void
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly retry: RetriedLetters | null
}

/** What delivery of attributes and events needs. */
export interface DeliveryParts extends DeliveryContext {
  readonly rows: OpenRows
  /** Users may be created, by sync name. */
  readonly createUsers: ReadonlySet<string>
  /** Rows that wait for something else, by `partition:row`. */
  readonly held: ReadonlySet<string>
}

/** A row, by where it is. */
export interface RowAt {
  readonly open: OpenPartition
  readonly row: number
}

/** How delivery of attributes and events ended. */
export interface DeliveryResult {
  /** Rows with memberships to change, once their user exists. */
  readonly memberships: readonly RowAt[]
  /** Rows of which some part was neither delivered nor refused. */
  readonly unfinished: readonly RowAt[]
  /** A user was created in this run, so dependent requests must wait. */
  readonly createdUsers: boolean
  /** An error that ended delivery early, or null. */
  readonly failure: unknown
}

const NOTHING: readonly PackedRequest[] = []

/**
 * Sends the pending rows' attributes and events: packs them, marks what must not be repeated blindly, delivers under
 * the window, and hands every outcome to the rows.
 */
export class Delivery {
  readonly #parts: DeliveryParts
  readonly #flights = new InFlightRows()
  readonly #answered = new Map<number, Promise<void>>()
  readonly #window: Semaphore
  readonly #memberships: RowAt[] = []
  #again: RowInFlight[] = []
  readonly #unfinished: RowAt[] = []
  #createdUsers = false
  #failure: unknown = null

  constructor(parts: DeliveryParts) {
    this.#parts = parts
    this.#window = new Semaphore(parts.destination.concurrency)
  }

  /** Delivers every open partition's pending rows. */
  async run(): Promise<DeliveryResult> {
    const packer = this.#parts.destination.createPacker()
    for (const open of this.#parts.rows.partitions) if (open !== undefined) await this.#partition(packer, open)
    await this.#drain(packer)
    for (let round = 1; round < MAX_ROUNDS && this.#again.length > 0 && !this.#isStopped; round++) await this.#round()
    this.#unfinished.push(...this.#again)
    const { committer } = this.#parts
    return {
      memberships: this.#memberships,
      unfinished: this.#unfinished,
      createdUsers: this.#createdUsers,
      failure: this.#failure ?? committer.failure,
    }
  }

  get #isStopped(): boolean {
    return this.#failure !== null || this.#parts.signal.aborted || this.#parts.committer.failure !== null
  }

  async #partition(packer: Packer, open: OpenPartition): Promise<void> {
    const { notes } = open.pending
    const { held } = this.#parts
    for (let row = notes.next(0); row >= 0; row = notes.next(row + 1)) {
      if (held.size > 0 && held.has(`${open.rows.number}:${row}`)) continue
      const requests = this.#row(packer, open, row)
      for (let index = 0; index < requests.length; index++) await this.#dispatch(requests[index])
      if (requests.length > 0 && this.#isStopped) return
    }
  }

  /** What was left of rows, once Braze had time to apply the first part. */
  async #round(): Promise<void> {
    const { destination, signal } = this.#parts
    await this.#parts.wait(destination.settleMs, signal)
    const again = this.#again
    this.#again = []
    const packer = destination.createPacker()
    for (const { open, row } of again) for (const request of this.#row(packer, open, row)) await this.#dispatch(request)
    await this.#drain(packer)
  }

  /** Packs what a row sends; returns the requests that became full. */
  #row(packer: Packer, open: OpenPartition, row: number): readonly PackedRequest[] {
    const { program, outcomes } = this.#parts
    const events = eventsOfRow(program.fold, open, row)
    const entries = pendingOutputs(program.outputs, { open, row }, events)
    if (entries.length === 0) {
      if (open.pending.notes.isDirty(row) || open.pending.first(row) >= 0) outcomes.leaveRow(open, row)
      return NOTHING
    }
    const update = buildRowUpdate({ program: program.fold, open, row, events, entries })
    const unanswered = (update.attributes === null ? 0 : 1) + update.events.length
    const flight: RowInFlight = {
      open,
      row,
      attributeEntries: update.attributeEntries,
      eventEntries: update.eventEntries,
      hasMemberships: update.memberships.length > 0,
      unanswered,
      failed: false,
      again: false,
      unwritten: false,
    }
    if (unanswered === 0) {
      this.#rowDone(flight)
      return NOTHING
    }
    const ref = this.#flights.add(flight)
    const requests = packer.add(this.#updateOf(ref, flight, update))
    for (const { part, outcome } of packer.takeUnpackable()) this.#partDone(part, outcome)
    return requests
  }

  #updateOf(ref: number, { open, row }: RowInFlight, update: RowUpdate): Update {
    const isCreator = ({ output }: { readonly output: { readonly syncName: string } }) => this.#parts.createUsers.has(output.syncName)
    return {
      ref,
      user: userOfRow(open.rows, row),
      attributes: update.attributes,
      attributeNames: update.attributeNames,
      events: update.events,
      memberships: [],
      createUser: update.attributeEntries.some(isCreator) || update.eventEntries.some(isCreator),
    }
  }

  async #drain(packer: Packer): Promise<void> {
    if (!this.#isStopped) {
      for (const request of packer.flush()) await this.#dispatch(request)
      for (const { part, outcome } of packer.takeUnpackable()) this.#partDone(part, outcome)
    }
    await this.#window.idle()
    this.#unfinished.push(...this.#flights.takeAll())
    this.#answered.clear()
    await this.#parts.committer.flush().catch((error: unknown) => this.#fail(error))
  }

  async #dispatch(request: PackedRequest): Promise<void> {
    await this.#window.enter()
    await this.#parts.destination.ready()
    if (this.#isStopped) return this.#window.leave()
    const answered = this.#send(request)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#window.leave())
    this.#answered.set(request.id, answered)
    // Answers come between requests: taken late, they hold their rows' memory that long.
    await setImmediate()
    if (this.#answered.size > 4096) this.#forgetAnswered(request.id)
  }

  /** Keeps only requests recent enough for another to wait for. */
  #forgetAnswered(newest: number): void {
    for (const id of this.#answered.keys()) if (id < newest - 2048) this.#answered.delete(id)
  }

  async #send(request: PackedRequest): Promise<void> {
    const { destination, signal, ensureLease } = this.#parts
    if (request.after !== null) {
      await this.#answered.get(request.after)
      if (destination.settleMs > 0) await this.#parts.wait(destination.settleMs, signal)
    }
    if (this.#isStopped) return
    if (request.after !== null && this.#hasFailed(request)) return this.#giveUp(request)
    const mark = await this.#mark(request)
    await ensureLease()
    const sent = await this.#deliver(request, mark)
    killPoint('after-send')
    this.#take(request, sent, mark)
  }

  async #mark(request: PackedRequest): Promise<string | null> {
    if (!request.needsMark) return null
    const { committer, run, now, retry } = this.#parts
    const id = `${run}:${request.id}`
    killPoint('before-mark')
    await committer.mark({ id, run, intent: intentOf(request, this.#flights, { sentAt: now(), retry }) })
    killPoint('after-mark')
    return id
  }

  /** A failure that is one of ours says the request was not applied; anything else leaves its outcome open. */
  async #deliver(request: PackedRequest, mark: string | null): Promise<Sent> {
    try {
      const sending = this.#parts.destination.send(request, this.#parts.sendSignal)
      killPointSoon('during-send')
      return await sending
    } catch (error) {
      if (mark !== null && error instanceof SyncError) this.#parts.committer.closeMark(mark)
      throw error
    }
  }

  /** A user's later request must not overtake one that failed. */
  #hasFailed(request: PackedRequest): boolean {
    return request.parts.some(({ update }) => this.#flights.get(update)?.failed === true)
  }

  #giveUp(request: PackedRequest): void {
    for (const part of request.parts) this.#partDone(part, { status: 'failed', reason: 'an earlier request of its user failed' })
  }

  #take(request: PackedRequest, sent: Sent, mark: string | null): void {
    const isUnknown = sent.outcomes.some(({ status }) => status === 'unknown')
    request.parts.forEach((part, index) => this.#partDone(part, sent.outcomes[index]))
    if (mark !== null && !isUnknown) this.#parts.committer.closeMark(mark)
    this.#parts.committer.soon()
    this.#parts.onSent({ requests: sent.requests, retries: sent.retries, updates: request.parts.length })
  }

  #partDone(part: PackedRequest['parts'][number], outcome: Outcome): void {
    const flight = this.#flights.get(part.update)
    if (flight === undefined) return
    const { open, row } = flight
    const wasCreated = open.rows.flags.isCreated(row)
    if (part.kind === 'attributes') this.#parts.outcomes.attributes(flight, outcome)
    else this.#parts.outcomes.event(flight, part.ref, outcome)
    if (!wasCreated && outcome.status === 'delivered') this.#createdUsers = true
    if (--flight.unanswered > 0) return
    this.#flights.delete(part.update)
    this.#rowDone(flight)
  }

  #rowDone(flight: RowInFlight): void {
    const { open, row } = flight
    const { outcomes } = this.#parts
    const isLeft = flight.again || outcomes.isWaiting(open, row)
    if (!flight.failed && !isLeft && !flight.hasMemberships) return outcomes.finishRow(open, row)
    outcomes.writeDelivered(flight)
    if (flight.failed) this.#unfinished.push(flight)
    else if (isLeft) this.#again.push(flight)
    else this.#memberships.push({ open, row })
  }

  #fail(error: unknown): void {
    this.#failure ??= error
  }
}
