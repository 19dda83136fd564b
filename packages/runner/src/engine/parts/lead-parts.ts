import type { Json, Report } from '@engage-sync/core'
import { causeOf } from '../../process/cause.ts'
import { gatherHomes } from '../../state/values/home-values.ts'
import { cohortNames } from '../../state/values/values.ts'
import type { Recovered } from '../../state/values/values.ts'
import { openBooks } from '../books.ts'
import type { Books } from '../books.ts'
import { NOTHING_DECIDED, prepareCohorts } from '../delivery/index.ts'
import type { SentCall } from '../delivery/index.ts'
import { sendStart, sleep, takeLease } from '../durable/index.ts'
import { checkPlan, noteNewerRecords } from '../expected.ts'
import { commitEnd } from '../finish.ts'
import type { RunResult } from '../finish.ts'
import { guardRun } from '../guards/index.ts'
import { membersBefore } from '../mapping-reports.ts'
import { openRun, openSources } from '../open.ts'
import type { OpenRun } from '../open.ts'
import { DueTimes } from '../partitions/index.ts'
import type { SourceFold } from '../reading/index.ts'
import { makeReport } from '../report.ts'
import type { EngineOptions, PartPlan } from '../request/index.ts'
import { begin, journaled, settleFleet } from '../run.ts'
import { endOfParts, mayGoOn } from './end-of-parts.ts'
import type { EndedParts } from './end-of-parts.ts'
import { endsApart, joinPlans } from './join-plans.ts'
import { partsApart } from './part-errors.ts'
import { LedParts } from './led-parts.ts'
import type { Crew } from './lost-parts.ts'
import { fingerprintOfWork } from './work-fingerprint.ts'

/** How a run in parts ended. */
export type LedResult = Omit<RunResult, 'delivered'>

/** How often sources are read until all parts read the same. */
const MOST_TURNS = 4

/** How long is waited for parts to join that somebody else starts, unless it is said, milliseconds. */
const JOIN_MS = 60_000

/**
 * A run whose partitions are worked on by others, each its own: prepared, judged and ended here, as
 * one run, from the lease to its release.
 *
 * @param joinMs - how long is waited for parts that somebody else starts, milliseconds
 * @throws {SyncError} what a run throws, `RUN_PART_LOST`, `RUN_PART_MISSING`
 */
export async function runInParts(
  options: EngineOptions,
  crew: Crew,
  joinMs = Math.max(JOIN_MS, options.waitForLeaseMs ?? 0),
): Promise<LedResult> {
  const { store, waitForLeaseMs: waitMs = 0, leaseTtlMs: ttlMs, signal } = options
  const startedMs = options.now()
  const lease = await takeLease(store, { waitMs, ttlMs, signal })
  const parts = new LedParts({ ...options, lease, crew, joinMs })
  try {
    await settleFleet(options, lease)
    return await journaled(options, { lease, startedMs }, async (_, under) => {
      try {
        return await new LedRun(options, { ...under, parts }).run()
      } catch (error) {
        // What ended it is told, whatever becomes of its parts.
        await parts.dismiss(causeOf(error)).catch(() => undefined)
        throw error
      }
    })
  } finally {
    await lease.release()
  }
}

interface Under extends Pick<Books, 'lease' | 'journal'> {
  readonly parts: LedParts
}

/** What is prepared before parts are called. */
interface Prepared {
  readonly open: OpenRun
  readonly books: Books
  readonly recovered: Recovered
  /** Reads nothing here: says what is read. */
  readonly fold: SourceFold
}

class LedRun {
  readonly #options: EngineOptions
  readonly #under: Under

  constructor(options: EngineOptions, under: Under) {
    this.#options = options
    this.#under = under
  }

  async run(): Promise<LedResult> {
    const { observe } = this.#options
    const { parts } = this.#under
    const prepared = await this.#prepare()
    const plan = await this.#plan()
    observe({ type: 'planned', summary: plan.summary, passes: plan.passes })
    const { open, fold } = prepared
    checkPlan(this.#options, plan, { from: fold.starts(), open })
    await noteNewerRecords(this.#options, open)
    const stops = await guardRun(this.#options, open, plan)
    const members = await membersBefore(this.#options, open, plan.summary)
    if (stops.length > 0) {
      observe({ type: 'guarded', stops })
      await parts.say('stop', stops as unknown as Json)
    } else await this.#go(prepared, plan)
    const answers = await parts.ends()
    const goesOn = !this.#options.signal.aborted && mayGoOn(answers, parts.of)
    await parts.say('end', goesOn)
    // Who waits, or was refused, is written down by each part before the sources go on.
    const unclosed = goesOn ? await parts.unclosed() : null
    const ended = endOfParts(answers, plan, { ...this.#options, of: parts.of, unclosed })
    const isOn = goesOn && unclosed === null
    return await this.#finish(prepared, plan, { ...ended, goesOn: isOn, stops, members })
  }

  /** What is one for all: mappings made known, former marks decided, parts called. */
  async #prepare(): Promise<Prepared> {
    const { lease, journal, parts } = this.#under
    const nowMs = this.#options.expect?.asOf ?? journal.startedMs
    const open = await openRun(this.#options, { nowMs, run: journal.number })
    const books = openBooks(this.#options, open, { lease, journal })
    const recovered = await begin(this.#options, open, books)
    const fold = await openSources(this.#options, open)
    const work = fingerprintOfWork(this.#options)
    await parts.call({ run: journal.number, startedMs: journal.startedMs, work })
    return { open, books, recovered, fold }
  }

  /** What all would do; where sources grew while they were read, they are read again by those who missed it. */
  async #plan(): Promise<PartPlan> {
    const { parts } = this.#under
    for (let turn = 1; ; turn++) {
      const plans = await parts.plans()
      const ends = endsApart(plans)
      if (ends === null) return joinPlans(plans)
      if (turn === MOST_TURNS) throw partsApart([...ends.keys()])
      await parts.say('again', Object.fromEntries(ends))
    }
  }

  /** Makes cohorts, notes what may leave from now on, and has all deliver. */
  async #go({ open, books }: Prepared, plan: PartPlan): Promise<void> {
    const { store, kind } = this.#options
    const { summary, reads } = plan
    if (summary.users.changed > 0 && kind.commits.sendStart)
      await store.commit({
        epoch: books.lease.current.epoch,
        values: [sendStart(open.unconfirmed, reads)],
      })
    await this.#prepareCohorts({ open, books })
    await this.#under.parts.go(plan)
  }

  async #prepareCohorts({ open, books }: Pick<Prepared, 'open' | 'books'>): Promise<void> {
    const { store, destination, signal, kind, observe } = this.#options
    const { committer, counters, journal, lease } = books
    const onSent = (sent: SentCall) => observe({ type: 'sent', ...counters.sent(sent) })
    destination.beforeRequest(() => lease.ensure())
    await prepareCohorts({
      sending: {
        destination,
        run: journal.number,
        signal,
        sendSignal: signal,
        onSent,
        wait: sleep,
      },
      committer,
      program: open.mappings.program,
      nowMs: open.nowMs,
      renamesCohorts: kind.renamesCohorts,
      known: await cohortNames.readAll(store),
    })
    await committer.flush()
  }

  async #finish(
    { open, books, recovered, fold }: Prepared,
    plan: PartPlan,
    ended: EndedParts &
      Pick<RunResult, 'stops' | 'goesOn'> & { readonly members: ReadonlyMap<string, number> },
  ): Promise<LedResult> {
    const { store, observe } = this.#options
    const { parts, lease } = this.#under
    const own = this.#ownReport({ open, books, recovered }, plan)
    // Who joined and left by what nobody told of is not known.
    const members = parts.untold.list().length > 0 ? new Map<string, number>() : ended.members
    const report = await ended.report(own, { ...ended, members })
    await parts.dismiss(null)
    await gatherHomes(store, lease.current.epoch)
    const due = new DueTimes(open.mappings.program, {
      nowMs: open.nowMs,
      isPartial: !this.#options.kind.commits.dueTimes,
    })
    const { isWhole, failure, stops, goesOn } = ended
    const later = goesOn ? [] : null
    await commitEnd(this.#options, open, {
      ...books,
      planned: plan,
      fold,
      due,
      report,
      isWhole,
      later,
    })
    observe({ type: 'finished' })
    return { report, changes: open.mappings.changes, summary: plan.summary, stops, failure, goesOn }
  }

  /** What was read, sent and decided here: cohorts and former marks. */
  #ownReport(
    { open, books, recovered }: Pick<Prepared, 'open' | 'books' | 'recovered'>,
    { summary }: PartPlan,
  ): Report {
    const { environment } = this.#options
    const { journal, counters, refusals } = books
    const users = { seen: 0, changed: 0, created: 0, only_existing: 0 }
    return makeReport(
      open.mappings.program,
      { folders: [], tally: counters },
      {
        environment,
        run: journal.number,
        status: 'done',
        error: null,
        guards: [],
        users,
        rounds: { ...NOTHING_DECIDED, recovered },
        planned: { ...summary, mappings: new Map(), undone: 0 },
        mappings: [],
        seconds: journal.seconds,
        reasons: [refusals, open.reasons, open.types.reasons, this.#under.parts.untold],
      },
    )
  }
}
