import type {
  Admission,
  Beat,
  Fleet,
  Lease,
  Membership,
  StateStore,
  WorkerCard,
} from '@engage-sync/core'
import { SyncError } from '@engage-sync/core'
import { killPoint } from '../../process/kill-points.ts'
import { isSyncError } from '../../process/sync-error.ts'
import { isOwnerGone } from '../durable/index.ts'
import type { HeldLease } from '../durable/index.ts'

/** Beats in the time after which a silent worker is lost. */
const BEATS = 4

/**
 * This process as a member of the fleet: beats in the background, and says when its share changes
 * or is lost.
 *
 * By a clock that nobody sets it knows for itself when the others may have taken it for gone: it
 * was frozen, or cut off. Nothing leaves then before it was heard of again.
 */
export class Member implements HeldLease {
  readonly isShared = true
  readonly #store: StateStore
  readonly #ttlMs: number
  readonly #timer: NodeJS.Timeout
  /** When the others may take it for gone, unless it is heard of: a beat may hang for longer. */
  #deadline: NodeJS.Timeout | undefined
  readonly #lost = new AbortController()
  #membership: Membership
  #fleet: Fleet = { workers: [], owners: [], nowMs: 0, epoch: 0 }
  #owned: ReadonlySet<number> = new Set()
  #wanted: readonly number[] = []
  #renewedAt: number
  /** One beat or release at a time, in the order they were asked for. */
  #turn: Promise<unknown> = Promise.resolve()
  /** Fingerprint of the newest configuration, as far as is known here. */
  newest: string | undefined
  /** Told whenever what it owns, or what is wanted of that, is another than before. */
  onChange: () => void = () => undefined

  private constructor(
    store: StateStore,
    joined: {
      readonly membership: Membership
      readonly ttlMs: number
      readonly startedAt: number
    },
  ) {
    this.#store = store
    this.#membership = joined.membership
    this.#ttlMs = joined.ttlMs
    this.#renewedAt = joined.startedAt
    this.#timer = setInterval(() => void this.#tick(), joined.ttlMs / BEATS)
  }

  /** @throws {SyncError} `STATE_LEASE_HELD`, and what keeps it from being heard of: it is none then */
  static async join(store: StateStore, card: WorkerCard, ttlMs: number): Promise<Member> {
    const startedAt = performance.now()
    const membership = await store.join(card, ttlMs)
    return await Member.#begin(store, { membership, ttlMs, startedAt })
  }

  /** Joins beside whoever holds the lease. @throws {SyncError} `STATE_LEASE_LOST` */
  static async admitted(
    store: StateStore,
    card: Omit<WorkerCard, 'demand'>,
    admission: Admission,
  ): Promise<Member> {
    const startedAt = performance.now()
    const membership = await store.admit(card, admission)
    return await Member.#begin(store, { membership, ttlMs: admission.ttlMs, startedAt })
  }

  static async #begin(
    store: StateStore,
    joined: {
      readonly membership: Membership
      readonly ttlMs: number
      readonly startedAt: number
    },
  ): Promise<Member> {
    const member = new Member(store, joined)
    try {
      await member.beat()
      return member
    } catch (error) {
      // Nobody else would end its beats.
      await member.release()
      throw error
    }
  }

  get membership(): Membership {
    return this.#membership
  }

  get current(): Lease {
    const { epoch, worker, expiresAt } = this.#membership
    return { epoch, owner: worker, expiresAt }
  }

  /** Its partitions, but for those it is to give back. */
  get keeps(): ReadonlySet<number> {
    return without(this.#owned, new Set(this.#wanted))
  }

  get owned(): ReadonlySet<number> {
    return this.#owned
  }

  /** What others wait for. */
  get wanted(): readonly number[] {
    return this.#wanted
  }

  /** All workers, when it beat last. */
  get fleet(): Fleet {
    return this.#fleet
  }

  /** Aborted, with the error, once it is no member any more, or cannot know that it is. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Is heard of, and hears of the others. */
  beat(): Promise<void> {
    return this.#inTurn(async () => {
      const startedAt = performance.now()
      const beat = await this.#store.beat(this.#membership, this.#ttlMs, this.newest)
      this.#heardOf(startedAt)
      this.#take(beat)
      await this.#buryGone(beat.fleet)
    })
  }

  async ensure(): Promise<void> {
    this.lost.throwIfAborted()
    if (this.#silentMs < this.#ttlMs / 2) return
    try {
      await this.beat()
    } catch (error) {
      if (isLost(error) || this.#silentMs >= this.#ttlMs) this.#lose(error)
      throw error
    }
  }

  /**
   * Gives back what others wait for, and what is not for it: nothing of it is under way any more.
   *
   * @param others - partitions it cannot work on. Default: none
   */
  async handOver(others: readonly number[] = []): Promise<void> {
    await this.#inTurn(async () => {
      const given = new Set([...this.#wanted, ...others])
      if (given.size === 0) return
      killPoint('in-release')
      await this.#store.release(this.#membership, [...given])
      this.#owned = without(this.#owned, given)
      this.#wanted = []
    })
  }

  /** Gives everything back. Any number of times. */
  async release(): Promise<void> {
    clearInterval(this.#timer)
    await this.#turn.catch(() => undefined)
    clearTimeout(this.#deadline)
    await this.#store.leave(this.#membership).catch(() => undefined)
  }

  /** @param atMs - when it began to ask, as `performance.now`: the store's own time began no earlier */
  #heardOf(atMs: number): void {
    this.#renewedAt = atMs
    clearTimeout(this.#deadline)
    if (this.#lost.signal.aborted) return
    const leftMs = Math.max(0, this.#ttlMs - this.#silentMs)
    this.#deadline = setTimeout(() => this.#lose(silent()), leftMs)
  }

  /** How long it was not heard of, milliseconds. */
  get #silentMs(): number {
    return performance.now() - this.#renewedAt
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #tick(): Promise<void> {
    if (this.#lost.signal.aborted) return
    // A process that was frozen gives up what is in flight before it asks whether it may go on.
    if (this.#silentMs >= this.#ttlMs) return this.#lose(silent())
    try {
      await this.beat()
    } catch (error) {
      if (isLost(error) || this.#silentMs >= this.#ttlMs) this.#lose(error)
    }
  }

  #lose(error: unknown): void {
    clearInterval(this.#timer)
    clearTimeout(this.#deadline)
    this.#lost.abort(error)
  }

  #take({ membership, owned, wanted, fleet }: Beat): void {
    const before = this.keeps
    this.#membership = membership
    this.#fleet = fleet
    this.#owned = new Set(owned)
    this.#wanted = wanted
    const now = this.keeps
    if (without(now, before).size > 0) killPoint('in-takeover')
    if (now.size !== before.size || without(now, before).size > 0) this.onChange()
  }

  /** Workers of this very machine whose processes ended need not be waited for. */
  async #buryGone({ workers, nowMs }: Fleet): Promise<void> {
    for (const other of workers)
      if (nowMs - other.seenAt > this.#ttlMs / BEATS && isOwnerGone(other.worker))
        await this.#store.bury(other)
  }
}

function without(all: ReadonlySet<number>, gone: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...all].filter((each) => !gone.has(each)))
}

function isLost(error: unknown): boolean {
  return isSyncError(error) && error.code === 'STATE_LEASE_LOST'
}

function silent(): SyncError {
  return new SyncError('STATE_LEASE_LOST', 'This worker could not be heard of for too long', {
    hint: 'It was frozen, or cut off from the state. Others may work on its partitions; it joins again.',
  })
}
