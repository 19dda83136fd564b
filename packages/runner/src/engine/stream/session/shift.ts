import { ClassCounts, Reasons } from '@engage-sync/core'
import type { Cause, CommitGroup, Folder, PlanSummary, Report } from '@engage-sync/core'
import type { Recovered } from '../../../state/values/values.ts'
import { openBooks, rowOutcomes } from '../../books.ts'
import type { Books } from '../../books.ts'
import { WAITING, WAITING_MESSAGE } from '../../deferred/index.ts'
import { NOTHING_DECIDED } from '../../delivery/index.ts'
import type { RoundsEnded, RowOutcomes } from '../../delivery/index.ts'
import type { OpenRun } from '../../open.ts'
import { makeReport } from '../../report.ts'
import type { FoldCounts } from '../../report.ts'
import type { RunJournal } from '../../run-journal.ts'
import type { HeldLease } from '../../durable/index.ts'
import type { StreamOptions } from '../terms/index.ts'
import { PlannedTotals } from './planned-totals.ts'

/** Record letters of one shift at most: what is beyond is counted alone. */
const MAX_LETTERS = 10_000

/**
 * What a stream is recorded as in the history: an hour of windows as one run, or less, where it
 * starts anew or ends.
 *
 * Its number is that of all it delivers, so that a row remembers few of them.
 */
export class Shift {
  readonly books: Books
  readonly outcomes: RowOutcomes
  /** Of what is reported though nothing failed. */
  readonly reasons = new Reasons()
  readonly #options: StreamOptions
  readonly #open: OpenRun
  readonly #folds = new Map<Folder['program'], FoldCounts>()
  readonly #planned = new PlannedTotals()
  #rounds: RoundsEnded = NOTHING_DECIDED
  #letters = 0

  constructor(
    options: StreamOptions,
    open: OpenRun,
    held: {
      readonly lease: HeldLease
      readonly journal: RunJournal
      readonly onCommitted: (group: CommitGroup) => void
    },
  ) {
    this.#options = options
    this.#open = open
    this.books = openBooks(options, open, { ...held, isLazy: true })
    this.outcomes = rowOutcomes(options, open, this.books)
  }

  get number(): number {
    return this.books.journal.number
  }

  /** How long it has lasted, milliseconds; at least that, whoever sets the clock back. */
  get ageMs(): number {
    const { startedMs, seconds } = this.books.journal
    return Math.max(this.#options.now() - startedMs, seconds * 1000)
  }

  /** Whether one more letter of a record is kept. */
  takesLetter(): boolean {
    return this.#letters++ < MAX_LETTERS
  }

  /** Adds what a window came to. @param of - the program as the session has it, by the folder's */
  add(window: {
    readonly folders: readonly { readonly folder: Folder; readonly of: Folder['program'] }[]
    readonly summary: PlanSummary
    readonly rounds: RoundsEnded
  }): void {
    for (const { folder, of } of window.folders) this.#addFold(folder, of)
    this.#planned.add(window.summary)
    this.#rounds = joined(this.#rounds, window.rounds)
  }

  /** Requests of a window before were decided. */
  addRecovered(recovered: Recovered): void {
    this.#rounds = joined(this.#rounds, { ...NOTHING_DECIDED, recovered })
  }

  /** What it came to. @param ended - why it ended early, and how many users wait */
  report(ended: { readonly error: Cause | null; readonly waiting: number }): Report {
    const { counters, refusals, journal } = this.books
    const folders = [...this.#folds.values()]
    const planned = this.#planned.summary
    const hasRejected =
      counters.totals().rejected > 0 || folders.some(({ totals }) => totals.rejected > 0)
    const isWhole = ended.waiting === 0
    const status = isWhole && !hasRejected ? 'done' : 'partial'
    return makeReport(
      this.#open.mappings.program,
      { folders, tally: counters },
      {
        environment: this.#options.environment,
        run: this.number,
        status: ended.error === null ? status : 'failed',
        error: ended.error,
        guards: [],
        users: planned.users,
        rounds: this.#rounds,
        planned,
        isWhole,
        seconds: journal.seconds,
        reasons: [refusals, this.reasons, waitingReasons(ended.waiting), this.#open.types.reasons],
      },
    )
  }

  #addFold({ totals, counts, reasons, unmapped }: Folder, program: Folder['program']): void {
    let known = this.#folds.get(program)
    if (known === undefined) {
      known = {
        program,
        totals: new ClassCounts(),
        counts: program.syncs.map(() => new ClassCounts()),
        reasons: new Reasons(),
        unmapped: new Reasons(),
      }
      this.#folds.set(program, known)
    }
    known.totals.add(totals)
    for (const [sync, count] of counts.entries()) known.counts[sync]?.add(count)
    known.reasons.addAll(reasons)
    known.unmapped.addAll(unmapped)
  }
}

/** Those who wait as it ends: whoever waited before that went on. */
function waitingReasons(users: number): Reasons {
  const reasons = new Reasons()
  if (users > 0) reasons.add(WAITING, WAITING_MESSAGE, users)
  return reasons
}

function joined(one: RoundsEnded, other: RoundsEnded): RoundsEnded {
  return {
    recovered: {
      marks: one.recovered.marks + other.recovered.marks,
      repeated: one.recovered.repeated + other.recovered.repeated,
      skipped: one.recovered.skipped + other.recovered.skipped,
      verified: one.recovered.verified + other.recovered.verified,
    },
    rounds: one.rounds + other.rounds,
    requests: one.requests + other.requests,
    seconds: one.seconds + other.seconds,
    failure: null,
  }
}
