import type { GuardStop, Report, StreamSource } from '@engage-sync/core'
import { allowCommand } from '../../process/allow-command.ts'
import type { HeldLease } from '../durable/index.ts'
import { causeOfStops } from '../guards/index.ts'
import { openRun } from '../open.ts'
import { savedPositions } from '../reading/index.ts'
import { WINDOW } from '../request/index.ts'
import { runUnder } from '../run.ts'
import { RunJudge } from './guarding/index.ts'
import type { ChargedBefore } from './guarding/index.ts'
import { FiniteSources, isInLine } from './session/index.ts'
import { OutOfLine, Stopped, TooManyWait } from './terms/index.ts'
import type { StreamOptions } from './terms/index.ts'

/** Of which stream, and who is told of it. */
interface CatchUpInputs {
  readonly options: StreamOptions
  readonly streams: ReadonlyMap<string, StreamSource>
  readonly lease: HeldLease
  /** What guards let pass before, and is planned again. */
  readonly before: ChargedBefore
  readonly onBegun: () => void
  /** Told what a run came to, however it ended. */
  readonly onRead: (report: Report) => void
}

/** What comes before windows: an ordinary run over what came before, where something is to be brought in line. */
export class CatchUp {
  readonly #inputs: CatchUpInputs
  readonly #options: StreamOptions
  readonly #finite: FiniteSources
  /** What a plan said of it, until a run was held to it. */
  #expect: StreamOptions['expect']
  /** What somebody let pass, for the next run. */
  #allowed: readonly string[] = []

  constructor(inputs: CatchUpInputs) {
    const { options, streams } = inputs
    this.#inputs = inputs
    this.#options = { ...options, expect: null }
    this.#expect = options.expect
    this.#finite = new FiniteSources(options, streams)
  }

  /** Lets guards pass, for the next run. */
  allow(requests: readonly string[]): void {
    this.#allowed = requests
  }

  /**
   * Brings everything in line, where it is not.
   *
   * @throws what the run failed with
   * @throws {Stopped} when a guard holds it
   * @throws {OutOfLine} where one alone has to do it
   */
  async run(signal: AbortSignal): Promise<void> {
    const wanted = await this.#wanted()
    if (wanted !== 'nothing') await this.#runOver(wanted, signal)
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
    const followed = { streams: this.#inputs.streams, positions, wanted, isShared }
    return !isLeft && isInLine(open, followed) ? 'nothing' : wanted
  }

  /** @param wanted - sources that do not go on, and are read; null for all */
  async #runOver(wanted: ReadonlySet<string> | null, signal: AbortSignal): Promise<void> {
    const { lease, before, onBegun, onRead } = this.#inputs
    const { share, part, now, store } = this.#options
    if (share !== undefined && part === undefined) throw new OutOfLine()
    onBegun()
    const startedMs = now()
    const allow = [...this.#options.allow, ...this.#allowed]
    const options = { ...this.#options, allow }
    const judge = new RunJudge({ ...options, before, epoch: () => lease.current.epoch })
    const { report, failure, stops, goesOn, summary, delivered } = await runUnder(
      lease,
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
    if (failure === null || report.braze.requests > 0) this.#expect = null
    onRead(report)
    if (failure !== null) throw failure
    this.#allowed = []
    if (stops.length > 0) throw stoppedAtStart(stops, options.environment)
    if (signal.aborted) return
    if (!goesOn) throw new TooManyWait(summary.users.changed)
    const values = this.#finite.done(wanted, startedMs)
    if (values.length > 0) await store.commit({ epoch: lease.current.epoch, values })
  }
}

/** Why it was stopped, and what lets it go on. */
function stoppedAtStart(stops: readonly GuardStop[], environment: string): Stopped {
  const allow = stops.map((stop) => stop.allow)
  const hint = `Everything waits, and nothing is lost. If it is meant: ${allowCommand(allow, environment)}`
  return new Stopped({ ...causeOfStops(stops), hint }, allow)
}
