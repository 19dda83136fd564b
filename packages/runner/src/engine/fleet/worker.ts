import { causeOf } from '../../process/cause.ts'
import { onceAborted } from '../../process/once-aborted.ts'
import { ownerText } from '../../state/format/owner-text.ts'
import { NO_CONFIGURATION } from '../../state/values/configuration.ts'
import type { FleetConfiguration, Rollout } from '../../state/values/configuration.ts'
import { ownerName, sleep } from '../durable/index.ts'
import { addRecords, NO_RECORDS, OutOfLine, passes, streamUnder } from '../stream/index.ts'
import type { Stream, StreamEnd, StreamOptions, StreamStatus } from '../stream/index.ts'
import { Approach, FORSAKEN_MS, RETRY_MS } from './approach.ts'
import { dueBy, watchDue } from './due-sources.ts'
import type { ScheduledSources } from './due-sources.ts'
import { borrowerOf, IN_LINE, untilReturned, watchLoans } from './loans.ts'
import { Member } from './member.ts'
import { isPassing } from './passing.ts'
import { readDue } from './read-due.ts'
import { Rollouts } from './rollouts.ts'
import type { Standing } from './rollouts.ts'
import { keptBy, ShareWork } from './share-work.ts'
import type { Under } from './share-work.ts'
import { emptyStatus, waitingStatus } from './status.ts'
import type { WorkerStatus } from './status.ts'
import { refuseAlone } from './worker-options.ts'
import type { Worker, WorkerOptions } from './worker-options.ts'

/** After this long without a word a worker is lost, unless it is said, milliseconds. */
const TTL_MS = 5000
/** How often it is looked which configuration is the newest, milliseconds. */
const LOOK_MS = 1000

/**
 * Opens one of several workers over a state. Nothing is read before it runs.
 *
 * @throws {SyncError} `CONFIG_STREAM_ALONE` for what only one process can follow
 */
export function openWorker(options: WorkerOptions): Worker {
  refuseAlone(options)
  return new FleetWorker(options)
}

class FleetWorker implements Worker {
  readonly #options: WorkerOptions
  /** Whom the others know it as. */
  readonly #name: string
  readonly #rollouts: Rollouts
  readonly #approach: Approach
  readonly #known: { fingerprint: string | null }
  #stream: Stream | null = null
  #status: StreamStatus | null = null
  /** Of the shares that ended. */
  #records = NO_RECORDS
  #member: Member | null = null
  #current = NO_CONFIGURATION
  #end: StreamEnd = { report: null }
  /** Whether it was ready to join once: what has no schedule is read before, and not again. */
  #wasInLine = false

  constructor(options: WorkerOptions) {
    const { store, worker = ownerName('serve'), known = { fingerprint: null } } = options
    this.#options = options
    this.#name = worker
    this.#known = known
    this.#rollouts = new Rollouts(options)
    this.#approach = new Approach({
      store,
      borrower: this.#borrower,
      known,
      rollouts: this.#rollouts,
      forsakenMs: options.forsakenMs ?? FORSAKEN_MS,
      alone: async (lease, signal) =>
        this.#through(await this.#alone(), { lease: keptBy(lease), signal }),
      waits: (reason) => (this.#status = waitingStatus(options.now(), reason)),
    })
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
      configuration: this.#current,
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
        if (!isPassing(error)) this.#waitsFor(error)
        await sleep(RETRY_MS, signal)
      }
    }
    return this.#end
  }

  /** Works until somebody borrows the environment, or a source that ends is due, and sees to that. */
  async #whileUnlent(signal: AbortSignal): Promise<void> {
    const { store, onReturned } = this.#options
    const { happened: lent, stop } = watchLoans(store, (other) => other !== this.#borrower)
    const until = AbortSignal.any([signal, lent])
    let isDue = false
    try {
      if ((await borrowerOf(store)) === null) {
        await this.#approach.run(until)
        this.#wasInLine ||= !until.aborted
        if (!until.aborted) isDue = await this.#belongUntilDue(until)
        if (!lent.aborted && !isDue) return
      }
    } finally {
      stop()
    }
    if (isDue && !lent.aborted)
      return await readDue(this.#scheduled, {
        signal,
        borrower: this.#borrower,
        status: () => this.#stream?.status() ?? null,
        read: async (under) => this.#through(await this.#alone(), under),
      })
    await untilReturned(store, { signal, told: (borrower) => this.#isLent(borrower, signal) })
    if (!signal.aborted) onReturned?.()
  }

  /** Belongs until a source that ends is due; whether one is. */
  async #belongUntilDue(signal: AbortSignal): Promise<boolean> {
    const { happened: due, stop } = watchDue(this.#scheduled)
    try {
      await this.#belong(AbortSignal.any([signal, due]))
    } finally {
      stop()
    }
    return due.aborted && !signal.aborted
  }

  /** What one who works alone is told: which of the sources that end are read. */
  async #alone(): Promise<StreamOptions> {
    const options = { ...this.#options, stopsInLine: true }
    return this.#wasInLine ? { ...options, isDue: await dueBy(this.#options) } : options
  }

  /** While a configuration is on its way nobody works on everything. */
  get #scheduled(): ScheduledSources {
    const { store, sources, streams, now, isScheduled } = this.#options
    const isCalm = () =>
      this.#current.rollout === null && this.#rollouts.standing(this.#current) === 'newest'
    return {
      store,
      sources,
      streams,
      now,
      isScheduled:
        isScheduled &&
        ((source: string, readMs: number) => isCalm() && isScheduled(source, readMs)),
    }
  }

  /** Whom it borrows the environment as. */
  get #borrower(): string {
    const { worker } = this.#options
    return worker === undefined ? ownerName(IN_LINE) : `${worker} (${IN_LINE})`
  }

  /** Stays a member, and works on what is its own, for as long as that is so. */
  async #belong(signal: AbortSignal): Promise<void> {
    const { store, url, demand = 64, workerTtlMs = TTL_MS } = this.#options
    const { fingerprint } = this.#rollouts
    const card = { worker: this.#name, url: url(), fingerprint, demand }
    const member = await Member.join(store, card, workerTtlMs)
    this.#member = member
    const work = new ShareWork(this.#options, {
      rollouts: this.#rollouts,
      through: (options, under) => this.#through(options, under),
    })
    try {
      await this.#enter(member)
      while (!signal.aborted) await this.#turn(member, { work, signal })
    } finally {
      await member.release()
      this.#member = null
    }
  }

  /** With a configuration that nobody has yet: makes it the newest. @throws {OutOfLine} where that takes being alone */
  async #enter({ membership }: Member): Promise<void> {
    const isKnown = this.#rollouts.standing(await this.#rollouts.read()) !== 'other'
    if (isKnown || (await this.#rollouts.begin(membership))) return
    this.#approach.insist()
    throw new OutOfLine()
  }

  /** Works on one share until it changes, and hands over what others wait for. */
  async #turn(
    member: Member,
    { work, signal }: { readonly work: ShareWork; readonly signal: AbortSignal },
  ): Promise<void> {
    const current = await this.#rollouts.read()
    this.#current = current
    const standing = this.#rollouts.standing(current)
    if (standing === 'other' || this.#approach.insists) throw new OutOfLine()
    if (standing === 'newest') this.#known.fingerprint = current.fingerprint
    member.newest = current.fingerprint
    const change = new AbortController()
    member.onChange = () => change.abort()
    const until = AbortSignal.any([signal, change.signal, member.lost])
    // Those that are in line with a newer configuration are not for the one before.
    const ahead = new Set(standing === 'former' ? current.rollout?.done : [])
    const partitions = new Set([...member.keeps].filter((partition) => !ahead.has(partition)))
    const timer = setInterval(() => void this.#look(member, change), LOOK_MS)
    try {
      // What others have asked for meanwhile, nobody would hear of again.
      if (partitions.size < member.keeps.size || member.wanted.length > 0) change.abort()
      else if (partitions.size === 0) await onceAborted(until)
      else await work.work(member, { partitions, rollout: rolloutOf(standing, current), until })
    } finally {
      clearInterval(timer)
    }
    member.lost.throwIfAborted()
    await member.handOver([...member.keeps].filter((partition) => ahead.has(partition)))
    work.keepOnly(member.owned)
  }

  /** Looks which configuration is the newest, and whether anybody has it. */
  async #look(member: Member, change: AbortController): Promise<void> {
    const current = await this.#rollouts.read().catch(() => null)
    if (current === null) return
    this.#current = current
    const standing = this.#rollouts.standing(current)
    member.newest = current.fingerprint
    if (standing === 'other') change.abort()
    if (standing !== 'former' || !this.#approach.isForsaken(member.fleet.workers, current)) return
    this.#approach.insist()
    change.abort()
  }

  async #through(options: StreamOptions, under: Under): Promise<void> {
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

  /** What may pass, as a state that is away, is waited for. @throws whatever does not */
  #waitsFor(error: unknown): void {
    if (!passes(error)) throw error
    this.#status = waitingStatus(this.#options.now(), causeOf(error))
  }

  #isLent(borrower: string, signal: AbortSignal): void {
    const message = `${ownerText(borrower)} works alone; what comes is kept`
    const hint = 'It goes on as soon as that has ended.'
    const reason = { code: 'SERVE_HANDED_OVER', message, hint }
    if (!signal.aborted) this.#status = waitingStatus(this.#options.now(), reason)
  }
}

function rolloutOf(standing: Standing, { rollout }: FleetConfiguration): Rollout | null {
  return standing === 'newest' ? rollout : null
}
