import type { GuardStop, Report, StreamSource } from '@engage-sync/core'
import { causeOf } from '../../process/cause.ts'
import { sleep } from '../durable/index.ts'
import type { HeldLease } from '../durable/index.ts'
import { causeOfStops } from '../guards/index.ts'
import { openRun } from '../open.ts'
import { savedPositions } from '../reading/index.ts'
import { recordCounts } from '../report.ts'
import { WINDOW } from '../request/index.ts'
import { runUnder } from '../run.ts'
import { Feed } from './feeding/index.ts'
import {
  backOffMs,
  MAX_WINDOW_RECORDS,
  OutOfLine,
  passes,
  Stopped,
  TooManyWait,
} from './terms/index.ts'
import { ensureReachable, FiniteSources, isInLine, Session } from './session/index.ts'
import type { StreamOptions } from './terms/index.ts'
import { ChargedBefore, RunJudge, takeAllowed } from './guarding/index.ts'
import { StatusBoard } from './status/index.ts'
import type { StreamStatus } from './status/index.ts'
import { lateSignals, Window } from './window/index.ts'
import type { WindowSignals } from './window/index.ts'
import { allowCommand } from '../../process/allow-command.ts'

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
  readonly #finite: FiniteSources
  #report: Report | null = null
  /** Of the last session. */
  #members: Session['members'] | null = null
  /** What a plan said of the catching up, until a run was held to it. */
  #expect: StreamOptions['expect']
  /** What somebody let pass, for the next run. */
  #allowed: readonly string[] = []
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
    this.#expect = options.expect
    this.#streams = streams
    this.#finite = new FiniteSources(options, streams)
    this.#lease = lease
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
      const wanted = await this.#wanted()
      if (wanted !== 'nothing') await this.#catchUp(wanted, signal)
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
    if (requests.length > 0) this.#allowed = requests
    return requests.length > 0
  }

  /**
   * Which of the sources that do not go on a run has to read first; null for all, and nothing where
   * none has to come first.
   */
  async #wanted(): Promise<ReadonlySet<string> | null | 'nothing'> {
    if ((this.#expect ?? null) !== null) return null
    const { store, now, sources, stopsInLine, share, part } = this.#options
    const windows = { ...this.#options, kind: WINDOW }
    const open = await openRun(windows, { nowMs: now(), run: 0 })
    const isShared = share !== undefined
    const isInWindows = isShared && part === undefined
    const wanted = isInWindows ? new Set<string>() : await this.#finite.wanted(open)
    // Workers leave partitions at positions of their own, and go on from there; one alone does not.
    const isLeft = stopsInLine !== true && (await store.partitionPositions()).length > 0
    const positions = await savedPositions(store, sources)
    const followed = { streams: this.#streams, positions, wanted, isShared }
    return !isLeft && isInLine(open, followed) ? 'nothing' : wanted
  }

  /**
   * An ordinary run: what came before, and whatever is new in the configuration.
   *
   * @param wanted - sources that do not go on, and are read; null for all
   */
  async #catchUp(wanted: ReadonlySet<string> | null, signal: AbortSignal): Promise<void> {
    const { share, part } = this.#options
    if (share !== undefined && part === undefined) throw new OutOfLine()
    this.#board.turn('catching up')
    const { now, store } = this.#options
    const startedMs = now()
    const allow = [...this.#options.allow, ...this.#allowed]
    const options = { ...this.#options, allow }
    const epoch = () => this.#lease.current.epoch
    const judge = new RunJudge({ ...options, before: this.#before, epoch })
    const { report, failure, stops, goesOn, summary, delivered } = await runUnder(
      this.#lease,
      {
        ...options,
        sources: this.#finite.sourcesOf(wanted),
        expect: this.#expect ?? null,
        judge: judge.judge,
        signal,
      },
      startedMs,
    )
    judge.ended(delivered)
    this.#report = report
    if (failure === null || report.braze.requests > 0) this.#expect = null
    this.#board.read(report.records)
    if (failure !== null) throw failure
    this.#allowed = []
    if (stops.length > 0) throw stoppedAtStart(stops, this.#options.environment)
    if (signal.aborted) return
    if (!goesOn) throw new TooManyWait(summary.users.changed)
    const values = this.#finite.done(wanted, startedMs)
    if (values.length > 0) await store.commit({ epoch: this.#lease.current.epoch, values })
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

/** Why a catching up was stopped, and what lets it go on. */
function stoppedAtStart(stops: readonly GuardStop[], environment: string): Stopped {
  const allow = stops.map((stop) => stop.allow)
  const hint = `Everything waits, and nothing is lost. If it is meant: ${allowCommand(allow, environment)}`
  return new Stopped({ ...causeOfStops(stops), hint }, allow)
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
