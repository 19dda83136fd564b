import { Reasons } from '@engage-sync/core'
import type { DeadLetter, GuardStop, PlanSummary, Report, RunRecord } from '@engage-sync/core'
import { tryToPurge } from '../state/actions/purge.ts'
import { applyPlan, endedBy } from './delivery/deliver-passes.ts'
import type { Applied } from './delivery/deliver-passes.ts'
import { Committer } from './durable/committer.ts'
import { recordSendStart, clearedSends } from './durable/unconfirmed-sends.ts'
import { DueTimes } from './partitions/due-times.ts'
import type { DeliveryContext } from './delivery/deliver-updates.ts'
import { checkExpectation, expectationOf } from './planning/plan-digest.ts'
import type { PlanExpectation } from './planning/plan-digest.ts'
import { SourceFold } from './reading/fold-sources.ts'
import { guardRun } from './guards/guard.ts'
import { killPoint } from '../process/kill-points.ts'
import { HeldLease } from './durable/lease.ts'
import { collectDeferred } from './deferred/collect.ts'
import { isForAll, isPartial, mappingsBehind, movedPositions, ownSources } from './mappings/unselected.ts'
import { refusedLetter } from './dead-letters/refused-value.ts'
import { closePartitions, openSession } from './open-session.ts'
import type { EngineOptions } from './request/options.ts'
import { planPasses } from './reading/passes.ts'
import type { Planned } from './reading/passes.ts'
import { recordsAfter } from './mappings/resolve.ts'
import { recover } from './durable/recovery.ts'
import { retiredValues } from './mappings/retire.ts'
import { removingLetters } from './retry/retried-letters.ts'
import { RowOutcomes } from './delivery/row-outcomes.ts'
import { runRecord } from './run-record.ts'
import { makeReport, RunCounters } from './report.ts'
import type { Session } from './session.ts'
import type { MappingChanges } from './mappings/tracked-mapping.ts'
import { wait } from './durable/sleep.ts'
import { endedDeferred } from './deferred/load.ts'
import { NOTHING_RECOVERED, unreportedRecovery } from '../state/values/values.ts'
import type { Recovered } from '../state/values/values.ts'

/** How a run ended. */
export interface RunResult {
  readonly report: Report
  readonly summary: PlanSummary
  readonly changes: MappingChanges
  /** Guards that stopped it; nothing was sent then. */
  readonly stops: readonly GuardStop[]
  /** The error that ended it early, after what could be kept was committed; null when none did. */
  readonly failure: unknown
}

/** After an interrupt, how long requests in flight may still take, milliseconds. */
const GRACE_MS = 10_000

/** One run, from the lease to its release. Holds what its steps share. */
export class Run {
  readonly #options: EngineOptions
  readonly #startedMs: number
  readonly #clockStart = performance.now()
  #number = 0
  #session!: Session
  #fold!: SourceFold
  #lease!: HeldLease
  #committer!: Committer
  #tally!: RunCounters
  #due!: DueTimes
  readonly #refusals = new Reasons()
  #recovered: Recovered = NOTHING_RECOVERED

  constructor(options: EngineOptions) {
    this.#options = options
    this.#startedMs = options.now()
  }

  /**
   * Reads, plans, guards and delivers.
   *
   * @throws {SyncError} `STATE_…`, `SOURCE_…`, `PLAN_STALE` before anything is sent; failures of delivery come back
   * as `failure`
   */
  async execute(): Promise<RunResult> {
    const { store, waitForLeaseMs, leaseTtlMs } = this.#options
    this.#lease = await HeldLease.take(store, { waitMs: waitForLeaseMs ?? 0, ttlMs: leaseTtlMs })
    try {
      const result = await this.#work()
      return { ...result, failure: await this.#purge(result.failure) }
    } catch (error) {
      await this.#recordFailure()
      await this.#purge(error)
      throw error
    } finally {
      await this.#lease.release()
    }
  }

  /** Purges what this or a killed run erased; an interrupted one leaves it to the next. Returns the failure, or a first one. */
  async #purge(failure: unknown): Promise<unknown> {
    const { store, signal } = this.#options
    const prevented = signal.aborted ? null : await tryToPurge(store, () => this.#lease.current.epoch)
    return failure ?? prevented
  }

  async #work(): Promise<RunResult> {
    const { observe, store, expect } = this.#options
    const version = await this.#start()
    this.#fold = new SourceFold(this.#session, await store.positions())
    const planned = await planPasses(this.#session, this.#fold, { digest: expect !== undefined && expect !== null })
    observe({ type: 'planned', summary: planned.summary, passes: planned.passes })
    if (expect !== undefined && expect !== null) this.#check(expect, planned, version)
    const stops = await guardRun(this.#session, planned.summary, planned.deletions)
    if (stops.length > 0) {
      observe({ type: 'guarded', stops })
      return this.#finish(planned, { stops, applied: endedBy(null) })
    }
    if (planned.summary.users.changed > 0) await recordSendStart(this.#session, this.#fold.stretches, this.#lease.current.epoch)
    return this.#finish(planned, { stops, applied: await this.#apply(planned) })
  }

  /** Takes a number, decides what earlier runs left open. Returns the number of the run before. */
  async #start(): Promise<number> {
    const { store, observe, environment, syncs, expect, onlyUsers } = this.#options
    await this.#abandonLast()
    this.#number = await store.nextRunNumber()
    const nowMs = expect?.asOf ?? this.#startedMs
    this.#session = await openSession(this.#options, { nowMs, run: this.#number })
    const { prepared, letterContext, rows } = this.#session
    this.#committer = new Committer(store, () => this.#lease.current)
    this.#tally = new RunCounters(this.#refusals, (refusal) => this.#committer.addDeadLetter(refusedLetter(refusal, letterContext)))
    this.#due = new DueTimes(prepared.program, { nowMs, isPartial: isPartial(this.#options) })
    await store.commit({
      epoch: this.#lease.current.epoch,
      run: this.#record('running', null),
      values: prepared.values,
      mappings: onlyUsers === null ? prepared.begun : [],
    })
    observe({ type: 'started', run: this.#number, environment, syncs: syncs.map(({ name }) => name) })
    this.#recovered = await recover({ ...this.#options, rows, program: prepared.program, committer: this.#committer })
    if (this.#recovered.marks > 0) observe({ type: 'recovered', marks: this.#recovered.marks })
    return this.#number - 1
  }

  /** A run that is still `running` though nobody holds the lease was killed. */
  async #abandonLast(): Promise<void> {
    const { store } = this.#options
    const [last] = await store.runs(1)
    if (last?.status === 'running') await store.commit({ epoch: this.#lease.current.epoch, run: { ...last, status: 'abandoned' } })
  }

  #check(expect: PlanExpectation, { summary, positions }: Planned, version: number): void {
    const { nowMs: asOf } = this.#session
    checkExpectation(
      expect,
      expectationOf({
        state: this.#options.store.info.id,
        stateVersion: version,
        asOf,
        syncs: this.#options.syncs,
        from: this.#fold.starts(),
        to: positions,
        summary,
      }),
    )
  }

  async #apply(planned: Planned): Promise<Applied> {
    const { signal } = this.#options
    const hard = new AbortController()
    const onAbort = () => setTimeout(() => hard.abort(), GRACE_MS).unref()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await applyPlan(
        {
          session: this.#session,
          fold: this.#fold,
          context: this.#deliveryContext(hard.signal),
          committer: this.#committer,
          tally: this.#tally,
          due: this.#due,
          lease: this.#lease,
        },
        planned,
      )
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #deliveryContext(sendSignal: AbortSignal): DeliveryContext {
    const { destination, signal, observe } = this.#options
    const { retry, prepared } = this.#session
    const { program } = prepared
    const tally = this.#tally
    return {
      program,
      destination,
      committer: this.#committer,
      outcomes: new RowOutcomes({
        program,
        committer: this.#committer,
        listener: retry === null ? tally : removingLetters(retry, this.#committer, tally),
        run: this.#number,
        keepsValues: this.#options.keepValues,
      }),
      run: this.#number,
      signal,
      sendSignal,
      ensureLease: () => this.#lease.ensure(),
      onSent: ({ requests, retries, updates }) => {
        tally.requests += requests
        tally.retries += retries
        tally.sentUpdates += updates
        observe({ type: 'sent', requests: tally.requests, updates: tally.sentUpdates, updatesPlanned: 0, dataPoints: tally.dataPoints })
      },
      wait,
      now: this.#options.now,
      retry,
    }
  }

  async #finish(planned: Planned, ended: { readonly stops: readonly GuardStop[]; readonly applied: Applied }): Promise<RunResult> {
    const { stops, applied } = ended
    const isWhole = applied.isComplete && applied.failure === null && !this.#options.signal.aborted
    const later = await this.#laterLetters(applied)
    const report = this.#report(planned, this.#statusOf(planned, { stops, isWhole }))
    if (this.#committer.failure === null) await this.#commitEnd(report, { isWhole, planned, later })
    this.#options.observe({ type: 'finished' })
    const failure = applied.failure ?? this.#committer.failure
    return { report, changes: this.#session.prepared.changes, summary: planned.summary, stops, failure }
  }

  /** What must become durable when the sources go on: also the users who wait. Null when the sources must not go on. */
  async #laterLetters({ unfinished, letters }: Applied): Promise<readonly DeadLetter[] | null> {
    const { signal } = this.#options
    if (unfinished === null || signal.aborted || this.#committer.failure !== null) return null
    const waiting = await collectDeferred(this.#session, this.#fold, unfinished)
    if (waiting === null || signal.aborted) return null
    for (const { sync } of letters) this.#tally.countLetter(sync)
    for (const { code, message } of waiting) this.#session.reasons.add(code, message)
    return [...letters, ...waiting]
  }

  #statusOf({ readings }: Planned, how: { stops: readonly GuardStop[]; isWhole: boolean }): Report['status'] {
    if (how.stops.length > 0) return 'stopped'
    if (this.#options.signal.aborted) return 'interrupted'
    const hasRejected = readings.some(({ folder }) => folder.totals.rejected > 0) || this.#tally.totals().rejected > 0
    return !how.isWhole || hasRejected ? 'partial' : 'done'
  }

  #report({ readings, summary }: Planned, status: Report['status']): Report {
    const folders = readings.map(({ folder }) => folder)
    return makeReport(this.#session.prepared.program, folders, this.#tally, {
      environment: this.#options.environment,
      run: this.#number,
      status,
      users: summary.users,
      recovered: this.#recovered,
      planned: summary,
      seconds: Math.round(performance.now() - this.#clockStart) / 1000,
      reasons: [this.#refusals, this.#session.reasons],
    })
  }

  /** The source positions move only when everything before them was delivered, refused, skipped or waits durably. */
  async #commitEnd(report: Report, ended: { isWhole: boolean; planned: Planned; later: readonly DeadLetter[] | null }): Promise<void> {
    const { isWhole, planned, later } = ended
    const { store, onlyUsers, now } = this.#options
    const { prepared, retry } = this.#session
    await this.#committer.flush()
    killPoint('before-position')
    const goesOn = later !== null && onlyUsers === null && retry === null
    if (isWhole)
      await retry?.removeRest(prepared.programs, (ids) => store.commit({ epoch: this.#lease.current.epoch, removeDeadLetters: ids }))
    const records = recordsAfter(prepared, (source) => this.#fold.isReadWhole(source))
    await store.commit({
      epoch: this.#lease.current.epoch,
      positions: goesOn ? movedPositions(this.#session, planned) : [],
      mappings: goesOn ? [...records, ...mappingsBehind(this.#session)] : [],
      values: [
        unreportedRecovery.cleared,
        ...(goesOn ? [clearedSends(this.#session.doubt, ownSources(this.#session))] : []),
        ...(isWhole || goesOn ? [await this.#due.value(store)] : []),
        ...(isWhole && isForAll(this.#options) ? retiredValues(prepared.program) : []),
      ],
      deadLetters: goesOn ? later : [],
      removeDeadLetters: goesOn ? endedDeferred(this.#session).map(({ id }) => id) : [],
      run: this.#record(report.status === 'planned' ? 'done' : report.status, report),
    })
    killPoint('after-position')
    await store.expireDeadLetters(this.#lease.current.epoch, now())
    closePartitions(this.#session.rows)
  }

  /** Notes how a run ended that could not go on; a state that cannot be written keeps it as running. */
  async #recordFailure(): Promise<void> {
    if (this.#number === 0) return
    const status = this.#options.signal.aborted ? 'interrupted' : 'failed'
    await this.#options.store.commit({ epoch: this.#lease.current.epoch, run: this.#record(status, null) }).catch(() => undefined)
  }

  #record(status: RunRecord['status'], report: Report | null): RunRecord {
    return runRecord(this.#options, { number: this.#number, startedMs: this.#startedMs, status, report })
  }
}
