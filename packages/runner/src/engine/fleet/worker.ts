import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Cause } from '@engage-sync/core'
import { ownerText } from '../../state/format/owner-text.ts'
import { ownerName, takeLease } from '../durable/index.ts'
import { addRecords, NO_RECORDS, streamUnder } from '../stream/index.ts'
import type {
  SharedState,
  Stream,
  StreamEnd,
  StreamOptions,
  StreamStatus,
} from '../stream/index.ts'
import { Member } from './member.ts'
import { KeptRows } from '../partitions/index.ts'
import { dueBy, isSomeDue, watchDue, watchTrouble } from './due-sources.ts'
import type { ScheduledSources } from './due-sources.ts'
import {
  borrowerOf,
  borrowFromWorkers,
  IN_LINE,
  isWorker,
  untilReturned,
  watchLoans,
} from './loans.ts'
import { namedBy } from './named-streams.ts'
import { followedAlone, OwnedState } from './owned-state.ts'
import { heldBySomebody, isPassing } from './passing.ts'
import { emptyStatus } from './status.ts'
import type { WorkerStatus } from './status.ts'
import { aborted } from './watch-for.ts'

/** After this long without a word a worker is lost, unless it is said, milliseconds. */
const TTL_MS = 5000
/** How often it is tried to join while somebody else works alone, milliseconds. */
const RETRY_MS = 300
/** How long the others may take to end their windows, milliseconds. */
const PATIENCE_MS = 30_000

/** What a worker needs beside what a stream does. */
export interface WorkerOptions
  extends Omit<StreamOptions, 'share' | 'stopsInLine'>, Pick<ScheduledSources, 'isScheduled'> {
  /** Where its desk is; null without one. Asked when it joins. */
  readonly url: () => string | null
  /** How many partitions it takes at most. Default: all. */
  readonly demand?: number
  /** After this long without a word it is lost, milliseconds. Default 5,000. */
  readonly workerTtlMs?: number
  /** Whom the others know it as. Default: this process. */
  readonly worker?: string
  /** Told when the environment was lent, and is back: its configuration may be another by then. */
  readonly onReturned?: () => void
}

/** One of several workers. */
export interface Worker extends Stream {
  status(): WorkerStatus
}

/**
 * Opens one of several workers over a state. Nothing is read before it runs.
 *
 * @throws {SyncError} `CONFIG_STREAM_ALONE` for what only one process can follow
 */
export function openWorker(options: WorkerOptions): Worker {
  refuseAlone(options)
  return new FleetWorker(options)
}

/** @throws {SyncError} `CONFIG_STREAM_ALONE` for what only one process can follow */
export function refuseAlone({ streams }: Pick<WorkerOptions, 'streams'>): void {
  for (const stream of streams) if (stream.earliest === undefined) throw followedAlone(stream.name)
}

class FleetWorker implements Worker {
  readonly #options: WorkerOptions
  readonly #fingerprint: string
  #stream: Stream | null = null
  #status: StreamStatus | null = null
  /** Of the shares that ended. */
  #records = NO_RECORDS
  #member: Member | null = null
  /** Of its partitions, while it is a member: nobody else writes them. */
  #kept = new KeptRows()
  #end: StreamEnd = { report: null }
  /** Whether it was ready to join once: what has no schedule is read before, and not again. */
  #wasInLine = false

  constructor(options: WorkerOptions) {
    this.#options = options
    this.#fingerprint = options.syncs.map(({ fingerprint }) => fingerprint).join('+')
  }

  status(): WorkerStatus {
    const live = this.#stream?.status() ?? null
    const member = this.#member
    const nowMs = this.#options.now()
    const status = live ?? this.#status ?? emptyStatus(nowMs)
    // Where all partitions are others', it is ready to take over.
    const isIdle = live === null && member !== null && member.owned.size === 0
    return {
      ...status,
      ...(isIdle && { state: 'running', reason: null, lastTurnMs: nowMs }),
      records: live === null ? this.#records : addRecords(this.#records, live.records),
      partitions: [...(member?.owned ?? [])].toSorted((a, b) => a - b),
      fleet: member?.fleet ?? null,
    }
  }

  /** Those of its partitions alone would mislead. */
  members(): null {
    return null
  }

  async run(signal: AbortSignal): Promise<StreamEnd> {
    while (!signal.aborted) {
      try {
        await this.#whileUnlent(signal)
      } catch (error) {
        if (signal.aborted) break
        if (!isPassing(error)) throw error
        await sleepFor(RETRY_MS, undefined, { signal }).catch(() => undefined)
      }
    }
    return this.#end
  }

  /** Works until somebody borrows the environment, or a source that ends is due, and sees to that. */
  async #whileUnlent(signal: AbortSignal): Promise<void> {
    const { store, onReturned } = this.#options
    const { happened: lent, stop } = watchLoans(store)
    const until = AbortSignal.any([signal, lent])
    let isDue = false
    try {
      if ((await borrowerOf(store)) === null) {
        await this.#bringInLine(until)
        this.#wasInLine ||= !until.aborted
        if (!until.aborted) isDue = await this.#belongUntilDue(until)
        if (!lent.aborted && !isDue) return
      }
    } finally {
      stop()
    }
    if (isDue && !lent.aborted) return await this.#readDue(signal)
    await untilReturned(store, { signal, told: (borrower) => this.#isLent(borrower, signal) })
    if (!signal.aborted) onReturned?.()
  }

  /** Belongs until a source that ends is due; whether one is. */
  async #belongUntilDue(signal: AbortSignal): Promise<boolean> {
    const { happened: due, stop } = watchDue(this.#options)
    try {
      await this.#belong(AbortSignal.any([signal, due]))
    } finally {
      stop()
    }
    return due.aborted && !signal.aborted
  }

  /** Reads what is due, alone, as a run that borrows the environment; or leaves it to who does already. */
  async #readDue(signal: AbortSignal): Promise<void> {
    const { store, worker } = this.#options
    if (!(await isSomeDue(this.#options))) return
    const borrower = worker === undefined ? ownerName(IN_LINE) : `${worker} (${IN_LINE})`
    const borrowing = { borrower, patienceMs: PATIENCE_MS, signal }
    const borrowed = await borrowFromWorkers(store, borrowing)
    if (borrowed === null) return
    const lease = await takeLease(store, { waitMs: 0, command: IN_LINE })
      .catch(heldBySomebody)
      .finally(() => borrowed.giveBack())
    if (lease === null) return
    // The lease keeps the others out from here on, and a command that borrows ends this.
    const lent = watchLoans(store, (other) => !isWorker(other))
    const away = watchTrouble(this.#options, () => this.#stream?.status() ?? null)
    const until = AbortSignal.any([signal, lent.happened, away.happened])
    try {
      await this.#through(await this.#alone(), { lease, signal: until })
    } finally {
      lent.stop()
      away.stop()
    }
  }

  /** One alone brings the state in line with the configuration; those of the same may join then. */
  async #bringInLine(signal: AbortSignal): Promise<void> {
    const { store } = this.#options
    while (!signal.aborted) {
      const { workers, nowMs } = await store.fleet()
      const others = workers.filter(({ expiresAt }) => expiresAt > nowMs)
      if (others.some(({ fingerprint }) => fingerprint !== this.#fingerprint)) {
        this.#waits('Workers of another configuration are there', signal)
        await sleepFor(RETRY_MS, undefined, { signal }).catch(() => undefined)
        continue
      }
      if (others.length > 0) return
      const lease = await takeLease(store, { waitMs: 0, command: IN_LINE }).catch(heldBySomebody)
      if (lease !== null) {
        await this.#through(await this.#alone(), { lease, signal })
        return
      }
      await sleepFor(RETRY_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  /** What one who works alone is told: which of the sources that end are read. */
  async #alone(): Promise<StreamOptions> {
    const options = { ...this.#options, stopsInLine: true }
    return this.#wasInLine ? { ...options, isDue: await dueBy(this.#options) } : options
  }

  /** Stays a member, and works on what is its own, for as long as that is so. */
  async #belong(signal: AbortSignal): Promise<void> {
    const { store, url, demand = 64, workerTtlMs = TTL_MS } = this.#options
    const { worker = ownerName('serve') } = this.#options
    const card = { worker, url: url(), fingerprint: this.#fingerprint, demand }
    const member = await Member.join(store, card, workerTtlMs)
    this.#member = member
    this.#kept = new KeptRows()
    try {
      while (!signal.aborted) await this.#turn(member, signal)
    } finally {
      await member.release()
      this.#kept = new KeptRows()
      this.#member = null
    }
  }

  /** Works on one share until it changes, and hands over what others wait for. */
  async #turn(member: Member, signal: AbortSignal): Promise<void> {
    const change = new AbortController()
    member.onChange = () => change.abort()
    const until = AbortSignal.any([signal, change.signal, member.lost])
    const partitions = member.keeps
    if (partitions.size === 0) await aborted(until)
    else await this.#work(member, { partitions, until })
    member.lost.throwIfAborted()
    await member.handOver()
  }

  async #work(
    member: Member,
    share: { readonly partitions: ReadonlySet<number>; readonly until: AbortSignal },
  ): Promise<void> {
    const { partitions, until } = share
    this.#kept.keepOnly(partitions)
    const store = new OwnedState(this.#options.store, {
      member: () => member.membership,
      partitions,
      streams: namedBy(this.#options),
      maxWindowRecords: this.#options.maxWindowRecords,
    })
    const lease = {
      isShared: true,
      get current() {
        return member.current
      },
      ensure: () => member.ensure(),
      release: async () => undefined,
    } as const
    const options = {
      ...this.#options,
      store,
      kept: this.#kept,
      share: { partitions, isPast: store.isPast, lost: member.lost, shared: this.#shared(member) },
    }
    await this.#through(options, { lease, signal: until })
  }

  #shared(member: Member): SharedState {
    const { store: whole } = this.#options
    return {
      worker: member.membership.worker,
      whole,
      changeValue: (key, change) => whole.changeValue(member.membership, key, change),
    }
  }

  async #through(
    options: StreamOptions,
    under: { readonly lease: Parameters<typeof streamUnder>[0]; readonly signal: AbortSignal },
  ): Promise<void> {
    this.#stream = streamUnder(under.lease, options)
    try {
      const end = await this.#stream.run(under.signal)
      if (end.report !== null) this.#end = end
    } finally {
      this.#status = this.#stream.status()
      this.#records = addRecords(this.#records, this.#status.records)
      this.#stream = null
    }
  }

  #waits(message: string, signal: AbortSignal): void {
    const hint = 'It joins once they are gone, or have the same.'
    this.#stands({ code: 'STATE_LEASE_HELD', message, hint }, signal)
  }

  #isLent(borrower: string, signal: AbortSignal): void {
    const message = `${ownerText(borrower)} works alone; what comes is kept`
    const hint = 'It goes on as soon as that has ended.'
    this.#stands({ code: 'SERVE_HANDED_OVER', message, hint }, signal)
  }

  #stands(reason: Pick<Cause, 'code' | 'message' | 'hint'>, signal: AbortSignal): void {
    const now = this.#options.now()
    const waiting = { state: 'waiting', reason: { ...reason, place: null } } as const
    if (!signal.aborted) this.#status = { ...emptyStatus(now), ...waiting }
  }
}
