import type { PackedRequest, Packer, RequestPart, Unpackable, Update } from '@engage-sync/contract'
import { userKey, userMembers } from '../identity/index.ts'
import { LIMITS } from '../limits.ts'
import type { TrackGroup } from '../limits.ts'
import { OpenRequest } from './open-request.ts'
import type { Item, RequestLimits } from './open-request.ts'
import { carriesOperation } from './operations.ts'
import { UsersInFlight } from './users-in-flight.ts'

/**
 * How objects are counted: all together, per array (legacy contracts), or for the bulk endpoint.
 */
export type BatchMode = 'combined' | 'per_array' | 'bulk'

const TRACK = {
  path: '/users/track',
  objects: LIMITS.trackObjects,
  perUser: Infinity,
  bytes: LIMITS.bodyBytes,
}
const MODES: Readonly<Record<BatchMode, RequestLimits>> = {
  combined: { ...TRACK, perArray: false },
  per_array: { ...TRACK, perArray: true },
  bulk: {
    path: '/users/track/bulk',
    objects: LIMITS.bulkObjects,
    perArray: false,
    perUser: LIMITS.bulkObjectsPerProfile,
    bytes: LIMITS.bulkBodyBytes,
  },
}

/** The rate limit that requests packed in a mode count against. */
export function trackGroup(mode: BatchMode): TrackGroup {
  return mode === 'bulk' ? 'bulk' : 'track'
}

/** Requests that fill side by side, so that a user with many objects leaves no gap behind. */
const OPEN_REQUESTS = 4
/** Bytes of a body around one object, rounded up. */
const ROOM_FOR_FRAME = 64
/** No UTF-16 unit needs more bytes in UTF-8. */
const BYTES_PER_UNIT = 3
/** Shorter texts are taken at their most, longer ones are measured. UTF-16 units. */
const MEASURED_FROM = 500

/** What packers of one destination share. */
export interface PackingState {
  /** The next request's id. */
  nextId: number
  readonly inFlight: UsersInFlight
}

/**
 * Fills `/users/track` requests by count and bytes.
 *
 * Shape: updates in, one at a time; full requests out, the rest from `flush`. Attributes stand
 * before events. All objects of one user go into one request where they fit; a user too large for
 * one gets several, each `after` the one before. A user that comes again while its request is
 * unanswered gets a later one, `after` it. Other users' order is not kept: small ones fill the gaps
 * large ones leave.
 */
export function createPacker(mode: BatchMode, state: PackingState = newPackingState()): Packer {
  return new TrackPacker(MODES[mode], state)
}

/** A new destination's packing state. */
export function newPackingState(): PackingState {
  return { nextId: 1, inFlight: new UsersInFlight() }
}

class TrackPacker implements Packer {
  readonly #limits: RequestLimits
  readonly #state: PackingState
  /** Oldest first. */
  readonly #open: OpenRequest[] = []
  readonly #spare: OpenRequest[] = []
  #unpackable: Unpackable[] = []

  constructor(limits: RequestLimits, state: PackingState) {
    this.#limits = limits
    this.#state = state
  }

  add(update: Update): readonly PackedRequest[] {
    const items = this.#itemsOf(update)
    if (items.length === 0) return []
    const user = userKey(update.user)
    const requests: PackedRequest[] = []
    const holder = this.#state.inFlight.holder(user)
    const filling = holder === null ? undefined : this.#open.find((open) => open.holder === holder)
    if (filling !== undefined) requests.push(this.#close(filling))
    const after = holder?.id ?? null
    const { attributes, events, mostBytes } = sizeOf(items)
    if (!this.#spareRequest().hasRoom(attributes, events, mostBytes))
      return requests.concat(this.#chain(user, items, after))
    const open =
      this.#open.find(
        (candidate) =>
          candidate.after === after && candidate.hasRoom(attributes, events, mostBytes),
      ) ?? this.#begin(after, requests)
    this.#put(open, user, items)
    if (open.isFull) requests.push(this.#close(open))
    return requests
  }

  flush(): readonly PackedRequest[] {
    return [...this.#open].map((open) => this.#close(open))
  }

  takeUnpackable(): readonly Unpackable[] {
    const taken = this.#unpackable
    this.#unpackable = []
    return taken
  }

  /** The objects of a user too large for one request, in several, one after another. */
  #chain(user: string, items: readonly Item[], after: number | null): PackedRequest[] {
    const requests: PackedRequest[] = []
    const open = this.#spareRequest()
    open.after = after
    let from = 0
    for (let to = 1; to <= items.length; to++) {
      const { attributes, events, mostBytes } = sizeOf(items.slice(from, to + 1))
      if (to < items.length && open.hasRoom(attributes, events, mostBytes)) continue
      this.#put(open, user, items.slice(from, to))
      const request = this.#request(open)
      requests.push(request)
      open.after = request.id
      from = to
    }
    return requests
  }

  #spareRequest(): OpenRequest {
    const spare = this.#spare.at(-1) ?? new OpenRequest(this.#limits)
    if (this.#spare.length === 0) this.#spare.push(spare)
    return spare
  }

  /** One more request to fill; when there are enough, the fullest leaves first. */
  #begin(after: number | null, requests: PackedRequest[]): OpenRequest {
    if (this.#open.length >= OPEN_REQUESTS)
      requests.push(
        this.#close(this.#open.reduce((most, open) => (open.count > most.count ? open : most))),
      )
    const open = this.#spareRequest()
    this.#spare.pop()
    open.after = after
    this.#open.push(open)
    return open
  }

  #close(open: OpenRequest): PackedRequest {
    this.#open.splice(this.#open.indexOf(open), 1)
    this.#spare.push(open)
    return this.#request(open)
  }

  #put(open: OpenRequest, user: string, items: readonly Item[]): void {
    open.put(items)
    this.#state.inFlight.hold(user, open.holder)
  }

  #request(open: OpenRequest): PackedRequest {
    const { holder, ...content } = open.take()
    const id = this.#state.nextId++
    this.#state.inFlight.packed(holder, id)
    return { id, path: this.#limits.path, after: open.after, ...content }
  }

  #itemsOf(update: Update): readonly Item[] {
    const user = userMembers(update)
    const items: Item[] = []
    const { ref, attributes, events } = update
    if (attributes !== null)
      this.#collect(
        items,
        { update: ref, kind: 'attributes', ref: -1 },
        { text: `{${user},${attributes}}`, needsMark: carriesOperation(attributes) },
      )
    for (const event of events)
      this.#collect(
        items,
        { update: ref, kind: 'event', ref: event.ref },
        { text: `{${user},${event.members}}`, needsMark: true },
      )
    return items
  }

  #collect(
    items: Item[],
    part: RequestPart,
    { text, needsMark }: Pick<Item, 'text' | 'needsMark'>,
  ): void {
    const mostBytes =
      text.length < MEASURED_FROM ? text.length * BYTES_PER_UNIT : Buffer.byteLength(text)
    const limit =
      part.kind === 'attributes' ? this.#limits.bytes - ROOM_FOR_FRAME : LIMITS.eventBytes
    if (mostBytes <= limit) items.push({ part, text, mostBytes, needsMark })
    else
      this.#unpackable.push({
        part,
        outcome: { status: 'rejected', rejection: tooLarge(mostBytes, limit) },
      })
  }
}

function tooLarge(bytes: number, limit: number) {
  return {
    code: 'BRAZE_ITEM_TOO_LARGE',
    message: `One object has ${bytes} bytes; Braze takes at most ${limit}`,
  }
}

/** Objects of each kind, and their bytes at most, commas included. */
function sizeOf(items: readonly Item[]): {
  readonly attributes: number
  readonly events: number
  readonly mostBytes: number
} {
  let attributes = 0
  let mostBytes = 0
  for (const { part, mostBytes: most } of items) {
    if (part.kind === 'attributes') attributes++
    mostBytes += most + 1
  }
  return { attributes, events: items.length - attributes, mostBytes }
}
