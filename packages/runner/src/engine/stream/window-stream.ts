import type { Report, StreamSource } from '@engage-sync/core'
import { causeOf } from '../../process/cause.ts'
import { sleep } from '../durable/index.ts'
import type { HeldLease } from '../durable/index.ts'
import { recordCounts } from '../report.ts'
import { CatchUp } from './catch-up.ts'
import { Feed } from './feeding/index.ts'
import { backOffMs, MAX_WINDOW_RECORDS, passes, Stopped } from './terms/index.ts'
import { ensureReachable, Session } from './session/index.ts'
import type { StreamOptions } from './terms/index.ts'
import { ChargedBefore, takeAllowed } from './guarding/index.ts'
import { StatusBoard } from './status/index.ts'
import type { StreamStatus } from './status/index.ts'
import { lateSignals, Window } from './window/index.ts'
import type { WindowSignals } from './window/index.ts'

/** While a guard holds everything: how often it is asked for leave, and when it is tried anew. */
const ASKED_MS = 500
const HELD_MS = 60_000
/** How often the loop turns where nothing comes, milliseconds. */
const IDLE_MS = 1000

/** How a stream ended. */
export interface StreamEnd {
  /** Of its last run; null where there was none. */
  readonly report: Report | null
}

/** Sources that go on, followed into the destination. */
export interface Stream {
  /**
   * Works until the signal aborts: catches up, then follows the sources window by window. What is
   * in flight then is finished, within ten seconds, and committed; the lease is released.
   *
   * Once. What may pass (a service that is down, a refused key, a guard, a full disk) is waited for.
   *
   * @throws {SyncError} what ends a process: `STATE_LEASE_LOST`, a state that cannot be read
   */
  run(signal: AbortSignal): Promise<StreamEnd>
  /** What it does now; cheap. */
  status(): StreamStatus
  /**
   * Members by mapping or segment id, as far as they were delivered; null while they are not counted.
   */
  members(): ReadonlyMap<string, number> | null
}

/** The windows of a stream, one after another, and what comes before and between them. */
export class WindowStream implements Stream {
  readonly #options: StreamOptions
  readonly #streams: ReadonlyMap<string, StreamSource>
  readonly #lease: HeldLease
  readonly #board: StatusBoard
  readonly #maxRecords: number
  readonly #before = new ChargedBefore()
  readonly #catchUp: CatchUp
  #report: Report | null = null
  /** Of the last session. */
  #members: Session['members'] | null = null
  #isDone = false
  /** That failed one after another. */
  #tries = 0
  /** The destination failed: it is asked whether it is there before anything is read for it again. */
  #isInDoubt = false

  constructor(
    options: StreamOptions,
    streams: ReadonlyMap<string, StreamSource>,
    lease: HeldLease,
  ) {
    this.#options = { ...options, expect: null }
    this.#streams = streams
    this.#lease = lease
    this.#catchUp = new CatchUp({
      options,
      streams,
      lease,
      before: this.#before,
      onBegun: () => this.#board.turn('catching up'),
      onRead: (report) => {
        this.#report = report
        this.#board.read(report.records)
      },
    })
    this.#board = new StatusBoard(options.now)
    this.#maxRecords = options.maxWindowRecords ?? MAX_WINDOW_RECORDS
  }

  status(): StreamStatus {
    return this.#board.status()
  }

  members(): ReadonlyMap<string, number> | null {
    return this.#members?.known ?? null
  }

  async run(signal: AbortSignal): Promise<StreamEnd> {
    try {
      while (!signal.aborted && !this.#isDone) await this.#try(signal)
      this.#board.turn('ended')
      return { report: this.#report }
    } catch (error) {
      this.#board.turn('ended', causeOf(error))
      throw error
    } finally {
      await this.#lease.release()
    }
  }

  /** Catches up and follows, as long as nothing fails; then waits, so that it can be tried again. */
  async #try(signal: AbortSignal): Promise<void> {
    try {
      if (this.#isInDoubt) await ensureReachable(this.#options.destination, signal)
      this.#isInDoubt = false
      await this.#catchUp.run(signal)
      if (this.#options.stopsInLine === true) this.#isDone = true
      else if (!signal.aborted) await this.#follow(signal)
    } catch (error) {
      if (signal.aborted && isAbort(error)) return
      const isStop = error instanceof Stopped
      if (!isStop && !passes(error)) throw error
      const cause = isStop ? error.reason : causeOf(error)
      this.#isInDoubt ||= cause.code.startsWith('DESTINATION_')
      this.#board.turn('waiting', cause)
      if (isStop) await this.#untilAllowed(error.allow, signal)
      else await sleep(backOffMs(this.#options, ++this.#tries), signal)
    }
  }

  /** A guard holds everything: waits until somebody lets something pass, or its time may be over. */
  async #untilAllowed(held: readonly string[], signal: AbortSignal): Promise<void> {
    const endsAt = performance.now() + HELD_MS
    while (!signal.aborted && performance.now() < endsAt) {
      await sleep(ASKED_MS, signal)
      this.#board.turns()
      if (await this.#isAllowed(held).catch(unlessPassing)) return
    }
  }

  /** Takes what somebody let pass. Whether anything was. */
  async #isAllowed(held: readonly string[]): Promise<boolean> {
    const requests = await takeAllowed(this.#options, this.#lease, held)
    if (requests.length > 0) this.#catchUp.allow(requests)
    return requests.length > 0
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const session = await Session.open({
      options: { ...this.#options, signal },
      streams: this.#streams,
      lease: this.#lease,
      maxRecords: this.#maxRecords,
      before: this.#before,
    })
    this.#board.hold(session.waiting, session.frozen)
    const feed = this.#feed(session)
    session.onFree = () => feed.nudge()
    const { share } = this.#options
    const gone = share === undefined ? [] : [share.lost]
    const late = lateSignals(signal, [session.hardSignal, ...gone])
    this.#board.follow(feed)
    this.#members = session.members
    try {
      await this.#windows(session, { feed, signal, late: late.signals })
      this.#board.turn('draining')
      this.#report = await session.end()
      this.#options.kept?.put(session.open.partitions.rows)
    } catch (error) {
      await session.fail(error instanceof Stopped ? error.reason : causeOf(error))
      throw error
    } finally {
      late.clear()
      this.#board.follow(null)
      await feed.stop()
    }
  }

  #feed({ positions: from }: Session): Feed {
    const { destination, observe, now } = this.#options
    destination.beforeRequest(() => this.#lease.ensure())
    destination.onWait?.((ms) => observe({ type: 'held', ms }))
    destination.onRetry?.(({ reason, waitMs: ms }) => observe({ type: 'unavailable', reason, ms }))
    return new Feed({ streams: this.#streams, from, maxRecords: this.#maxRecords, now })
  }

  async #windows(session: Session, loop: Loop): Promise<void> {
    const { now, windowMs } = this.#options
    const { feed, signal } = loop
    while (!signal.aborted) {
      this.#board.turn('running')
      await feed.arrived(Math.min(IDLE_MS, session.idleMs), signal)
      if (signal.aborted) return
      const startedMs = now()
      await session.takeAllowed()
      await this.#window(session, loop)
      await session.care()
      await this.#lease.ensure()
      await sleep(Math.min(windowMs, windowMs - (now() - startedMs)), signal)
    }
  }

  async #window(session: Session, { feed, late }: Loop): Promise<void> {
    await session.handovers.look()
    const taken = feed.take()
    const isIdle = taken.length === 0 && session.handovers.present.length === 0
    if (isIdle && session.idleMs > 0) {
      // Others may have frozen something.
      this.#board.hold(session.waiting, session.frozen)
      return this.#options.share === undefined ? await session.members.readSome() : undefined
    }
    const { folders, ...result } = await new Window(session, taken, late).run()
    const window = { number: this.#board.status().windows + 1, ...result }
    this.#board.read(recordCounts(folders.map(({ folder }) => folder.totals)))
    this.#board.hold(session.waiting, session.frozen)
    this.#board.window(window)
    this.#tries = 0
    this.#options.onWindow?.(window)
  }
}

/** What windows follow one another on. */
interface Loop {
  readonly feed: Feed
  readonly signal: AbortSignal
  readonly late: WindowSignals
}

/** What passes while somebody waits anyway. @throws what does not */
function unlessPassing(error: unknown): false {
  if (!passes(error)) throw error
  return false
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
