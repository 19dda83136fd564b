import { setImmediate } from 'node:timers/promises'
import { eventsOfRow, pendingOutputs, zip } from '@engage-sync/core'
import type { Mark, OpenPartition, Outcome, PackedRequest, Packer, Sent } from '@engage-sync/core'
import { sleep } from '../durable/index.ts'
import { killPoint } from '../../process/kill-points.ts'
import type {
  DeliveryInputs,
  DeliveryResult,
  LateAnswers,
  LateEnd,
  RowAt,
} from './delivery-inputs.ts'
import { InFlightRows } from './in-flight-rows.ts'
import { addressedUpdate, nextUpdate } from './next-update.ts'
import { openRequestOf } from './open-request.ts'
import type { OpenRequest } from './open-request.ts'
import type { RowInFlight } from './row-in-flight.ts'
import { RowSet } from './row-set.ts'
import { Semaphore } from './semaphore.ts'
import { markRequest, sendRequest } from './send-request.ts'
import { tellSent } from './sending.ts'

const NOTHING: readonly PackedRequest[] = []

/**
 * Sends the pending rows' attributes and events: packs them, marks what must not be repeated blindly, delivers under
 * the window, and hands every outcome to the rows.
 */
export class Delivery {
  readonly #inputs: DeliveryInputs
  readonly #flights = new InFlightRows()
  readonly #answered = new Map<number, Promise<void>>()
  readonly #window: Semaphore
  readonly #memberships: RowAt[] = []
  #again: RowInFlight[] = []
  #unfinished: RowAt[] = []
  readonly #open: OpenRequest[] = []
  #isUnknown = false
  readonly #created = new RowSet()
  /** What is answered now is late. */
  #isLate = false
  #failure: unknown = null
  readonly #rowOf = (update: number) => this.#flights.get(update)

  constructor(inputs: DeliveryInputs) {
    this.#inputs = inputs
    this.#window = new Semaphore(inputs.sending.destination.concurrency)
  }

  /** Delivers every open partition's pending rows, or some. */
  async run(): Promise<DeliveryResult> {
    const packer = this.#inputs.sending.destination.createPacker()
    const { rows, only } = this.#inputs
    if (only !== null) await this.#some(packer, only)
    else
      for (const open of rows.partitions)
        if (open !== undefined) await this.#partition(packer, open)
    await this.#drain(packer)
    for (let left = this.#mostRounds; left > 0 && this.#again.length > 0; left--)
      if (!this.#isStopped) await this.#round()
    if (this.#late === null) this.#unfinished = this.#unfinished.concat(this.#again)
    const { committer } = this.#inputs
    return {
      memberships: this.#memberships,
      unfinished: this.#unfinished,
      open: this.#open,
      isUnknown: this.#isUnknown,
      created: this.#created,
      again: this.#late === null ? [] : this.#again,
      failure: this.#failure ?? committer.failure,
    }
  }

  /**
   * Later rounds carry what could not share an object, or what was left after a refused field: each
   * settles one column of a row at least. Windows have none, the next one takes what is left.
   */
  get #mostRounds(): number {
    return this.#late === null ? this.#inputs.program.outputs.length : 0
  }

  get #isStopped(): boolean {
    return (
      this.#failure !== null ||
      this.#inputs.sending.signal.aborted ||
      this.#inputs.committer.failure !== null
    )
  }

  async #partition(packer: Packer, open: OpenPartition): Promise<void> {
    await this.#inputs.prepare?.(open)
    const { notes } = open.pending
    for (let row = notes.next(0); row >= 0; row = notes.next(row + 1)) {
      if (this.#isHeld(open, row)) continue
      const requests = this.#row(packer, open, row)
      for (const request of requests) await this.#dispatch(request)
      if (requests.length > 0 && this.#isStopped) return
    }
  }

  async #some(packer: Packer, rows: readonly RowAt[]): Promise<void> {
    for (const { open, row } of rows) {
      if (this.#isHeld(open, row)) continue
      for (const request of this.#row(packer, open, row)) await this.#dispatch(request)
      if (this.#isStopped) return
    }
  }

  #isHeld(open: OpenPartition, row: number): boolean {
    const { held } = this.#inputs
    return held.size > 0 && held.has(`${open.rows.number}:${row}`)
  }

  /** What was left of rows, once Braze had time to apply the first part. */
  async #round(): Promise<void> {
    const { destination, signal } = this.#inputs.sending
    await this.#inputs.sending.wait(destination.settleMs, signal)
    const again = this.#again
    this.#again = []
    const packer = destination.createPacker()
    await this.#some(packer, again)
    await this.#drain(packer)
  }

  /** Packs what a row sends; returns the requests that became full. */
  #row(packer: Packer, open: OpenPartition, row: number): readonly PackedRequest[] {
    const { program, outcomes, createUsers } = this.#inputs
    const events = eventsOfRow(program.fold, open, row)
    const entries = pendingOutputs(program.outputs, { open, row }, events)
    if (entries.length === 0) {
      if (open.pending.notes.isDirty(row) || open.pending.first(row) >= 0)
        outcomes.leaveRow(open, row)
      return NOTHING
    }
    const { update, isReason } = nextUpdate(program, { open, row }, { events, entries })
    const unanswered = (update.attributes === null ? 0 : 1) + update.events.length
    const flight: RowInFlight = {
      open,
      row,
      attributeEntries: update.attributeEntries,
      eventEntries: update.eventEntries,
      hasMemberships: update.memberships.length > 0,
      isReason,
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
    const requests = packer.add(addressedUpdate(ref, { flight, update, createUsers }))
    for (const { part, outcome } of packer.takeUnpackable()) this.#partDone(part, outcome)
    return requests
  }

  async #drain(packer: Packer): Promise<void> {
    if (!this.#isStopped) {
      for (const request of packer.flush()) await this.#dispatch(request)
      this.#inputs.committer.hurry()
      for (const { part, outcome } of packer.takeUnpackable()) this.#partDone(part, outcome)
    }
    if (this.#late !== null && !(await this.#answeredWithin(this.#late))) return
    await this.#window.idle()
    this.#unfinished.push(...this.#flights.takeAll())
    this.#answered.clear()
    await this.#inputs.committer.checkpoint().catch((error: unknown) => this.#fail(error))
  }

  get #late(): LateAnswers | null {
    return this.#inputs.late ?? null
  }

  /** Whether all is answered in time. What is not is told as it comes, and nobody waits for it. */
  async #answeredWithin(late: LateAnswers): Promise<boolean> {
    const waiting = new AbortController()
    const startedAt = performance.now()
    const isIdle = this.#window.idle().then(() => true)
    const isLate = () => sleep(late.afterMs, waiting.signal).then(() => false)
    let isInTime = await Promise.race([isIdle, isLate()])
    while (!isInTime && !this.#isStopped && !late.mayBegin(this.#flights.all().length))
      isInTime = await Promise.race([isIdle, isLate()])
    // Without a reason it makes an error with its stack, in every window.
    waiting.abort(null)
    if (isInTime) late.inTime(performance.now() - startedAt)
    if (isInTime || this.#isStopped) return true
    this.#isLate = true
    late.begin(this.#flights.all())
    void isIdle.then(() => {
      for (const flight of this.#flights.takeAll()) late.row(flight, 'failed')
      late.end(this.#failure)
    })
    return false
  }

  async #dispatch(request: PackedRequest): Promise<void> {
    await this.#window.enter()
    await this.#inputs.sending.destination.ready()
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
    const { destination, signal } = this.#inputs.sending
    if (request.after !== null) {
      await this.#answered.get(request.after)
      if (destination.settleMs > 0) await this.#inputs.sending.wait(destination.settleMs, signal)
    }
    if (this.#isStopped) return
    if (request.after !== null && this.#hasFailed(request)) return this.#giveUp(request)
    const mark = await markRequest(this.#inputs, request, this.#rowOf)
    const sent = await sendRequest(this.#inputs, request, mark)
    killPoint('after-send')
    this.#take(request, sent, mark)
  }

  /** A user's later request must not overtake one that failed. */
  #hasFailed(request: PackedRequest): boolean {
    return request.parts.some(({ update }) => this.#flights.get(update)?.failed === true)
  }

  #giveUp(request: PackedRequest): void {
    for (const part of request.parts)
      this.#partDone(part, { status: 'failed', reason: 'an earlier request of its user failed' })
  }

  #take(request: PackedRequest, sent: Sent, mark: Mark | null): void {
    const isUnknown = sent.outcomes.some(({ status }) => status === 'unknown')
    this.#isUnknown ||= isUnknown
    if (mark !== null && isUnknown) {
      const open = openRequestOf(request, sent.outcomes, { mark, flightOf: this.#rowOf })
      if (this.#isLate) this.#late?.unknown(open)
      else this.#open.push(open)
    }
    for (const [part, outcome] of zip(request.parts, sent.outcomes)) this.#partDone(part, outcome)
    if (mark !== null && !isUnknown) this.#inputs.committer.closeMark(mark.id)
    this.#inputs.committer.soon()
    tellSent(this.#inputs.sending, sent, request.parts.length)
  }

  #partDone(part: PackedRequest['parts'][number], outcome: Outcome): void {
    const flight = this.#flights.get(part.update)
    if (flight === undefined) return
    const { open, row } = flight
    const wasCreated = open.rows.flags.isCreated(row)
    if (part.kind === 'attributes') this.#inputs.outcomes.attributes(flight, outcome)
    else this.#inputs.outcomes.event(flight, part.ref, outcome)
    if (!wasCreated && outcome.status === 'delivered') this.#created.add(flight)
    if (--flight.unanswered > 0) return
    this.#flights.delete(part.update)
    this.#rowDone(flight)
  }

  #rowDone(flight: RowInFlight): void {
    const { open, row } = flight
    const { outcomes } = this.#inputs
    const isLeft = flight.again || outcomes.isWaiting(open, row)
    const isDone = !flight.failed && !isLeft && !flight.hasMemberships
    if (isDone) outcomes.finishRow(open, row)
    else outcomes.writeDelivered(flight)
    if (this.#isLate) return this.#late?.row(flight, endOf(flight, isDone))
    if (isDone) return
    if (flight.failed) this.#unfinished.push(flight)
    else if (isLeft) this.#again.push(flight)
    else this.#memberships.push({ open, row })
  }

  #fail(error: unknown): void {
    this.#failure ??= error
  }
}

function endOf({ failed }: RowInFlight, isDone: boolean): LateEnd {
  if (isDone) return 'done'
  return failed ? 'failed' : 'follows'
}
