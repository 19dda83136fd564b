import { zip } from '@engage-sync/contract'
import type { Outcome, RequestPart } from '@engage-sync/contract'
import type { BrazeAttributes, BrazeEvent, BrazeIdentity } from '../api/index.ts'
import { deliverTrack } from '../delivery/index.ts'
import { BrazeAnswerError, BrazeError } from '../errors.ts'
import type { Exchanger } from '../exchange/index.ts'
import { LIMITS } from '../limits.ts'
import { hasOperation } from '../packing/index.ts'
import { jsonBody } from './json-body.ts'

/** One object to send. */
export type TrackItem = { readonly attributes: BrazeAttributes } | { readonly event: BrazeEvent }

/** What became of one object. */
export interface TrackedItem<Item extends TrackItem = TrackItem> {
  readonly item: Item
  /** Its place in what was given, from 0. */
  readonly index: number
  readonly outcome: Outcome
}

/** Options of `trackAll`. */
export interface TrackAllOptions<Item extends TrackItem = TrackItem> {
  readonly signal?: AbortSignal
  /** Told of every object, once, as its answer comes. */
  readonly onOutcome?: (told: TrackedItem<Item>) => void
  /** Requests in flight at most. Default 20. */
  readonly concurrency?: number
}

/** How many objects ended how. */
export type TrackAllResult = Readonly<Record<Outcome['status'], number>>

const DEFAULT_CONCURRENCY = 20
const PATH = '/users/track'
const NOBODY_ABORTS = new AbortController().signal

interface Placed<Item> {
  readonly item: Item
  readonly index: number
  readonly user: string
  readonly bytes: number
}

/**
 * Sends any number of objects, 75 a request, at Braze's rate: each gets an outcome of its own, told
 * as it comes.
 *
 * Objects of one user arrive in the order given, attributes of one request before its events.
 * Nothing of the input is held but what is on its way.
 *
 * @throws what ends all of it (`DESTINATION_AUTH`, `DESTINATION_UNAVAILABLE`, `BRAZE_ANSWER`, the
 *   signal's reason),
 * once every object that was read has its outcome
 */
export async function trackAll<Item extends TrackItem>(
  shared: Exchanger,
  items: Iterable<Item> | AsyncIterable<Item>,
  options: TrackAllOptions<Item>,
): Promise<TrackAllResult> {
  const sender = new Sender(shared, options)
  let index = 0
  try {
    for await (const item of items) {
      if (sender.isOver) break
      await sender.add(placed(item, index++))
    }
  } finally {
    await sender.finish()
  }
  return sender.result()
}

function placed<Item extends TrackItem>(item: Item, index: number): Placed<Item> {
  const object = 'event' in item ? item.event : item.attributes
  const bytes = jsonBody(object).length + 1
  if (bytes > LIMITS.bodyBytes - ROOM_FOR_FRAME)
    throw new BrazeError(
      'BRAZE_LIMIT',
      `Object ${index} is larger than a request may be: ${bytes} bytes`,
    )
  return { item, index, user: userOf(object), bytes }
}

/** Bytes of a body that are no object, rounded up. */
const ROOM_FOR_FRAME = 64

function userOf(identity: BrazeIdentity): string {
  const { external_id, user_alias, braze_id, email, phone } = identity as Readonly<
    Record<string, unknown>
  >
  return JSON.stringify([external_id, user_alias, braze_id, email, phone])
}

/** Fills requests and sends them side by side, never two with one user. */
class Sender<Item extends TrackItem> {
  readonly #shared: Exchanger
  readonly #options: TrackAllOptions<Item>
  readonly #inFlight = new Set<Promise<void>>()
  /** The last request that holds a user, until it was answered. */
  readonly #last = new Map<string, Promise<void>>()
  readonly #counts: Record<Outcome['status'], number> = {
    delivered: 0,
    rejected: 0,
    failed: 0,
    unknown: 0,
  }
  #batch: Placed<Item>[] = []
  #bytes = 0
  #failure: { readonly error: unknown } | null = null

  constructor(shared: Exchanger, options: TrackAllOptions<Item>) {
    this.#shared = shared
    this.#options = options
  }

  get isOver(): boolean {
    return this.#failure !== null || this.#options.signal?.aborted === true
  }

  async add(each: Placed<Item>): Promise<void> {
    const isFull = this.#batch.length >= LIMITS.trackObjects
    if (isFull || this.#bytes + each.bytes > LIMITS.bodyBytes - ROOM_FOR_FRAME) await this.#send()
    this.#batch.push(each)
    this.#bytes += each.bytes
  }

  async finish(): Promise<void> {
    await this.#send()
    await Promise.all(this.#inFlight)
  }

  /** @throws what ended the sending */
  result(): TrackAllResult {
    this.#options.signal?.throwIfAborted()
    if (this.#failure !== null) throw this.#failure.error
    return this.#counts
  }

  async #send(): Promise<void> {
    const batch = this.#batch
    if (batch.length === 0) return
    this.#batch = []
    this.#bytes = 0
    const { concurrency = DEFAULT_CONCURRENCY } = this.#options
    while (this.#inFlight.size >= concurrency) await Promise.race(this.#inFlight)
    await this.#shared.paces.track.ready()
    const users = new Set(batch.map(({ user }) => user))
    const before = [...users].flatMap((user) => this.#last.get(user) ?? [])
    const sending = Promise.all(before)
      .then(() => this.#deliver(batch))
      .finally(() => {
        this.#inFlight.delete(sending)
        for (const user of users) if (this.#last.get(user) === sending) this.#last.delete(user)
      })
    this.#inFlight.add(sending)
    for (const user of users) this.#last.set(user, sending)
  }

  async #deliver(batch: readonly Placed<Item>[]): Promise<void> {
    const attributes = batch.filter(({ item }) => 'attributes' in item)
    const events = batch.filter(({ item }) => 'event' in item)
    const inBody = [...attributes, ...events]
    const outcomes = await this.#outcomes(attributes, events)
    for (const [{ item, index }, outcome] of zip(inBody, outcomes)) {
      this.#counts[outcome.status]++
      this.#tell({ item, index, outcome })
    }
  }

  /**
   * What the caller's own function throws ends the sending, and takes no other object's outcome
   * away.
   */
  #tell(told: TrackedItem<Item>): void {
    try {
      this.#options.onOutcome?.(told)
    } catch (error) {
      this.#failure ??= { error }
    }
  }

  async #outcomes(
    attributes: readonly Placed<Item>[],
    events: readonly Placed<Item>[],
  ): Promise<readonly Outcome[]> {
    const { signal = NOBODY_ABORTS } = this.#options
    const all = [...attributes, ...events]
    const needsMark =
      events.length > 0 ||
      attributes.some(({ item }) => 'attributes' in item && hasOperation(item.attributes))
    if (this.isOver) return all.map(() => ({ status: 'failed', reason: 'stopped' }))
    const parts = all.map(({ item, index }): RequestPart => ({
      update: index,
      kind: 'event' in item ? 'event' : 'attributes',
      ref: -1,
    }))
    const request = {
      id: 0,
      path: PATH,
      body: bodyOf(attributes, events),
      parts,
      needsMark,
      after: null,
    }
    try {
      return (await deliverTrack(this.#shared, request, { group: 'track', signal })).outcomes
    } catch (error) {
      this.#failure ??= { error }
      const isOpen = needsMark && error instanceof BrazeAnswerError && error.mayBeApplied
      const reason = error instanceof BrazeError ? error.message : 'stopped'
      return all.map(() => ({ status: isOpen ? 'unknown' : 'failed', reason }))
    }
  }
}

function bodyOf(
  attributes: readonly Placed<TrackItem>[],
  events: readonly Placed<TrackItem>[],
): Uint8Array {
  return jsonBody({
    ...(attributes.length > 0
      ? { attributes: attributes.map(({ item }) => 'attributes' in item && item.attributes) }
      : {}),
    ...(events.length > 0
      ? { events: events.map(({ item }) => 'event' in item && item.event) }
      : {}),
  })
}
