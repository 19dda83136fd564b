import { grown, nextSize } from '../memory/grown.ts'
import type { Held } from '../slots.ts'

const FIRST_ENTRIES = 64
/** Room for more candidates than this is given back between two windows. */
const KEPT_ENTRIES = 16_384

/** An event that waits to be sent. */
export interface PendingEvent extends Held {
  readonly candidate: number
  /** Older than its mapping's birth. */
  readonly isHistory: boolean
}

/** Values that wait for an event slot: each a time, a digest, and its text in the arena. */
export class CandidatePool {
  count = 0
  next = new Int32Array(FIRST_ENTRIES)
  time = new Float64Array(FIRST_ENTRIES)
  low = new Uint32Array(FIRST_ENTRIES)
  high = new Uint32Array(FIRST_ENTRIES)
  value = new Int32Array(FIRST_ENTRIES)
  length = new Int32Array(FIRST_ENTRIES)
  /** 1 for history: older than the mapping's birth; an entry has at most one. */
  history = new Uint8Array(FIRST_ENTRIES)

  /** Adds one in front of a chain; returns its number. */
  add(next: number): number {
    if (this.count === this.next.length) this.#grow()
    const candidate = this.count++
    this.next[candidate] = next
    return candidate
  }

  /** An event by its number. */
  event(candidate: number): PendingEvent {
    return {
      candidate,
      low: this.low[candidate],
      high: this.high[candidate],
      time: this.time[candidate],
      isHistory: this.history[candidate] === 1,
    }
  }

  /** Forgets all of them. */
  reset(): void {
    this.count = 0
    if (this.next.length > KEPT_ENTRIES) this.#resize(FIRST_ENTRIES)
  }

  get byteLength(): number {
    return this.next.length * 29
  }

  #grow(): void {
    this.#resize(nextSize(this.next.length))
  }

  #resize(size: number): void {
    this.next = grown(this.next, size)
    this.time = grown(this.time, size)
    this.low = grown(this.low, size)
    this.high = grown(this.high, size)
    this.value = grown(this.value, size)
    this.length = grown(this.length, size)
    this.history = grown(this.history, size)
  }
}
