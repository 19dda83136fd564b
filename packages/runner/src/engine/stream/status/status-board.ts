import type { Cause, RecordCounts } from '@engage-sync/core'
import type { Backlog } from '../feeding/index.ts'
import type { WindowReport } from '../terms/index.ts'
import { addRecords, NO_RECORDS } from './status.ts'
import type { FrozenMapping, StreamLag, StreamState, StreamStatus } from './status.ts'

/** Where a stream writes down what it does, for whoever asks. */
export class StatusBoard {
  readonly #now: () => number
  #state: StreamState = 'starting'
  #reason: Cause | null = null
  #turnedMs: number
  #records = NO_RECORDS
  #last: WindowReport | null = null
  #feed: { readonly backlog: Backlog } | null = null
  #held = 0
  #frozen: readonly FrozenMapping[] = []

  /** @param now - milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now
    this.#turnedMs = now()
  }

  /** The loop turned. @param reason - why it waits, or ended early */
  turn(state: StreamState, reason: Cause | null = null): void {
    this.#state = state
    this.#reason = reason
    this.#turnedMs = this.#now()
  }

  /** The loop turned, and goes on with what it does. */
  turns(): void {
    this.#turnedMs = this.#now()
  }

  /** What came and is not committed is told of these; null while nothing is followed. */
  follow(feed: { readonly backlog: Backlog } | null): void {
    this.#feed = feed
  }

  /** Records were read. */
  read(records: RecordCounts): void {
    this.#records = addRecords(this.#records, records)
  }

  /** So many users wait, and these memberships are held. */
  hold(users: number, frozen: readonly FrozenMapping[]): void {
    this.#held = users
    this.#frozen = frozen
  }

  /** A window was committed. */
  window(window: WindowReport): void {
    this.#last = window
    this.#turnedMs = this.#now()
  }

  status(): StreamStatus {
    return {
      state: this.#state,
      reason: this.#reason,
      lastTurnMs: this.#turnedMs,
      windows: this.#last?.number ?? 0,
      records: this.#records,
      lag: this.#lag(),
      heldUsers: this.#held,
      frozen: this.#frozen,
      lastWindow: this.#last,
    }
  }

  #lag(): StreamLag | null {
    if (this.#feed === null) return null
    const { records, bytes, oldestMs } = this.#feed.backlog
    return { records, bytes, oldestMs: oldestMs === null ? 0 : this.#now() - oldestMs }
  }
}
