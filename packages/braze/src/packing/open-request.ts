import type { RequestPart } from '@engage-sync/contract'
import { BodyArray } from './body-array.ts'
import type { Holder } from './users-in-flight.ts'

/** Limits of one request. */
export interface RequestLimits {
  readonly path: string
  readonly objects: number
  /** The number of objects holds for each array, not for both together. */
  readonly perArray: boolean
  readonly perUser: number
  readonly bytes: number
}

/** One object to be written. */
export interface Item {
  readonly part: RequestPart
  readonly text: string
  /** UTF-8 bytes, or more. */
  readonly mostBytes: number
  /** It must not be repeated blindly. */
  readonly needsMark: boolean
}

const ATTRIBUTES = '{"attributes":['
const EVENTS = '"events":['
/** Everything of a body that is no object: both arrays' names and brackets. */
const FRAME_BYTES = ATTRIBUTES.length + EVENTS.length + '],'.length + ']}'.length

/** A `/users/track` request while it fills: whole users, attributes before events. */
export class OpenRequest {
  /** The request that must be answered before this one may leave. */
  after: number | null = null
  /** Stands for this request among users in flight. */
  holder: Holder = { id: null, isAnswered: false }
  readonly #limits: RequestLimits
  readonly #attributes = new BodyArray()
  readonly #events = new BodyArray()
  #needsMark = false

  constructor(limits: RequestLimits) {
    this.#limits = limits
  }

  get count(): number {
    return this.#attributes.count + this.#events.count
  }

  /** Not one object more fits by number. */
  get isFull(): boolean {
    const { objects, perArray } = this.#limits
    if (!perArray) return this.count >= objects
    return this.#attributes.count >= objects && this.#events.count >= objects
  }

  /** Whether so many objects, of so many bytes at most, fit. */
  hasRoom(attributes: number, events: number, mostBytes: number): boolean {
    const { objects, perArray, perUser, bytes } = this.#limits
    if (attributes + events > perUser) return false
    if (FRAME_BYTES + this.#attributes.length + this.#events.length + mostBytes > bytes)
      return false
    if (perArray)
      return (
        this.#attributes.count + attributes <= objects && this.#events.count + events <= objects
      )
    return this.count + attributes + events <= objects
  }

  /** Puts one user's objects in. */
  put(items: readonly Item[]): void {
    for (const { part, text, mostBytes, needsMark } of items) {
      const array = part.kind === 'attributes' ? this.#attributes : this.#events
      array.append(part, text, mostBytes)
      this.#needsMark ||= needsMark
    }
  }

  /** Builds the body once, and begins anew. */
  take(): {
    readonly body: Uint8Array
    readonly parts: readonly RequestPart[]
    readonly needsMark: boolean
    readonly holder: Holder
  } {
    const taken = { body: this.#body(), holder: this.holder, needsMark: this.#needsMark }
    this.holder = { id: null, isAnswered: false }
    this.#needsMark = false
    return { ...taken, parts: this.#attributes.take().concat(this.#events.take()) }
  }

  #body(): Uint8Array {
    const hasAttributes = this.#attributes.count > 0
    const hasEvents = this.#events.count > 0
    const head = hasAttributes ? ATTRIBUTES : `{${EVENTS}`
    const middle = hasAttributes && hasEvents ? `],${EVENTS}` : ''
    const body = Buffer.allocUnsafeSlow(
      head.length + this.#attributes.length + middle.length + this.#events.length + 2,
    )
    let at = body.write(head, 0, 'latin1')
    at = this.#attributes.copyTo(body, at)
    at += body.write(middle, at, 'latin1')
    at = this.#events.copyTo(body, at)
    body.write(']}', at, 'latin1')
    return body
  }
}
