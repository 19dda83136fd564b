import type { Report } from '@engage-sync/core'
import type { StoredValue } from '../../../state/values/named-value.ts'
import { unreportedRecovery } from '../../../state/values/values.ts'
import { sleep } from '../../durable/index.ts'
import type { HeldLease } from '../../durable/index.ts'
import type { OpenRun } from '../../open.ts'
import { RunJournal } from '../../run-journal.ts'
import type { StreamOptions } from '../terms/index.ts'
import { Shift } from './shift.ts'
import type { Upkeep } from './upkeep.ts'

/** After this long the run that a stream is recorded as ends, and another one begins, milliseconds. */
const SHIFT_MS = 3_600_000
/** Where something is always under way: how often it is waited for then, and how long, milliseconds. */
const PAUSED_EVERY_MS = 60_000
const PAUSE_MS = 5000

/** What each of the shifts is of. */
interface ShiftsInputs {
  readonly options: StreamOptions
  readonly open: OpenRun
  readonly lease: HeldLease
  readonly upkeep: Upkeep
}

/** Requests that are under way. */
interface UnderWay {
  readonly isIdle: boolean
  idle(): Promise<void>
}

/** The shifts of a session, one after another. */
export class Shifts {
  readonly #inputs: ShiftsInputs
  #current: Shift
  /** How long one lasts until what is under way is waited for, milliseconds. */
  #pausesAtMs = SHIFT_MS + PAUSED_EVERY_MS

  constructor(inputs: ShiftsInputs, journal: RunJournal) {
    this.#inputs = inputs
    this.#current = this.#shiftOf(journal)
  }

  get current(): Shift {
    return this.#current
  }

  /** Has the history know the present one. @param values - that are to be durable with it */
  async begin(values: readonly StoredValue[]): Promise<void> {
    const { open, options } = this.#inputs
    const { lease, journal } = this.#current.books
    await options.store.commit({
      epoch: lease.current.epoch,
      run: journal.record('running', null),
      values: [...open.mappings.values, ...values],
    })
  }

  /**
   * Whether the present one lasted long enough, and nothing is under way that is told to it. Where
   * something always is, what comes waits for that now and then, a moment.
   */
  async isOver(late: UnderWay): Promise<boolean> {
    const { ageMs } = this.#current
    if (ageMs < SHIFT_MS) return false
    if (late.isIdle || ageMs < this.#pausesAtMs) return late.isIdle
    this.#pausesAtMs = ageMs + PAUSED_EVERY_MS
    const waiting = new AbortController()
    await Promise.race([late.idle(), sleep(PAUSE_MS, waiting.signal)])
    waiting.abort(null)
    return late.isIdle
  }

  /** Another one follows the present one, which ended. */
  async next(): Promise<void> {
    const { options, lease } = this.#inputs
    this.#current = this.#shiftOf(await RunJournal.begin(options, lease, options.now()))
    this.#pausesAtMs = SHIFT_MS + PAUSED_EVERY_MS
  }

  /** Ends the present one. @param ended - why early, and how many users wait */
  async end(ended: Parameters<Shift['report']>[0]): Promise<Report> {
    const { lease, journal, committer } = this.#current.books
    committer.setValue(unreportedRecovery.cleared)
    await committer.flush().catch(() => undefined)
    const report = this.#current.report(ended)
    await journal.recordEnd(lease, report)
    return report
  }

  #shiftOf(journal: RunJournal): Shift {
    const { options, open, lease, upkeep } = this.#inputs
    return new Shift(options, open, { lease, journal, onCommitted: upkeep.committed })
  }
}
