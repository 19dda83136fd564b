import { checkGuards, OpenRows, Planner, Reasons, SyncError, TOUCHED } from '@engage-sync/core'
import type { GuardStop, Json, PlanSummary, Report, RunRecord, SourcePosition } from '@engage-sync/core'
import { Committer } from './committer.ts'
import { cohortKey, deliverMemberships } from './cohorts.ts'
import { compactPartitions } from './compact-partitions.ts'
import { Delivery } from './deliver.ts'
import { dueTimes, duePartitions, DUE } from './due.ts'
import { killPoint } from './kill-points.ts'
import { HeldLease } from './lease.ts'
import { letterOf } from './letters.ts'
import { countMembers, clearDelivered } from './members.ts'
import type { EngineOptions } from './options.ts'
import { prepare, registryValue } from './prepare.ts'
import type { MappingChanges, Prepared } from './prepare.ts'
import { openPartition, readSource } from './read.ts'
import type { SourceReading } from './read.ts'
import { recover } from './recovery.ts'
import type { Recovered } from './recovery.ts'
import { RowOutcomes } from './row-delivery.ts'
import { makeReport, Tally } from './tally.ts'
import { wait } from './wait.ts'

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

/** One run, from the lease to its release. Holds what its steps share. */
export class Run {
  readonly #options: EngineOptions
  readonly #startedMs: number
  readonly #clockStart = performance.now()
  #number = 0
  #prepared!: Prepared
  #rows!: OpenRows
  #lease!: HeldLease
  #committer!: Committer
  #tally!: Tally
  readonly #reasons = new Reasons()
  #recovered: Recovered = { marks: 0, repeated: 0, skipped: 0, verified: 0 }
  #readings: SourceReading[] = []
  #incomplete = false

  constructor(options: EngineOptions) {
    this.#options = options
    this.#startedMs = options.now()
  }

  /**
   * Reads, plans, guards and delivers.
   *
   * @throws {SyncError} `STATE_…` and `SOURCE_…` before anything is sent; failures of delivery come back as `failure`
   */
  async execute(): Promise<RunResult> {
    const { store, observe } = this.#options
    this.#lease = await HeldLease.take(store, this.#options.waitForLeaseMs ?? 0)
    try {
      await this.#start()
      await this.#read()
      const summary = this.#plan()
      observe({ type: 'planned', summary })
      const stops = await this.#guard(summary)
      if (stops.length > 0) {
        observe({ type: 'guarded', stops })
        return await this.#finish('stopped', { summary, stops, failure: null })
      }
      const failure = await this.#apply()
      return await this.#finish(this.#statusAfter(failure), { summary, stops, failure })
    } finally {
      await this.#lease.release()
    }
  }

  async #start(): Promise<void> {
    const { store, observe, environment, syncs } = this.#options
    this.#number = await store.nextRunNumber()
    this.#prepared = await prepare(store, syncs, this.#startedMs)
    this.#rows = new OpenRows(this.#prepared.layout)
    this.#committer = new Committer(store, () => this.#lease.current)
    this.#tally = new Tally(this.#reasons, (refusal) => {
      this.#committer.addDeadLetter(
        letterOf(refusal, { run: this.#number, nowMs: this.#options.now(), days: this.#options.deadLetterDays }),
      )
    })
    await store.commit({
      epoch: this.#lease.current.epoch,
      run: this.#record('running', null),
      values: [registryValue(this.#prepared.registry)],
      mappings: this.#prepared.records.filter(({ id }) => this.#prepared.bornNow.has(id)),
    })
    observe({ type: 'started', run: this.#number, environment, syncs: syncs.map(({ name }) => name) })
    this.#recovered = await recover({ ...this.#options, rows: this.#rows, program: this.#prepared.program, committer: this.#committer })
    if (this.#recovered.marks > 0) observe({ type: 'recovered', marks: this.#recovered.marks })
  }

  async #read(): Promise<void> {
    const { store, reread, resend } = this.#options
    const positions = await store.positions()
    for (const number of await duePartitions(store, this.#startedMs)) {
      const { pending, rows } = await openPartition(store, this.#rows, number)
      pending.touched.fill(TOUCHED, 0, rows.rows)
    }
    if (resend) await clearDelivered(store, this.#rows, this.#prepared.program)
    const addDeadLetter = (letter: Parameters<Committer['addDeadLetter']>[0]) => {
      this.#tally.countLetter(letter.sync)
      this.#committer.addDeadLetter(letter)
    }
    for (const [source, program] of this.#prepared.programs) {
      const saved = positions.get(source) ?? null
      const from = reread || resend || this.#prepared.history.has(source) ? null : saved
      const parts = { options: this.#options, rows: this.#rows, run: this.#number, addDeadLetter }
      const reading = await readSource(parts, program, { source, from, keepLetters: saved === null || from !== null }).catch(
        (error: unknown) => this.#sourceGone(error, source, saved),
      )
      if (reading.records === 0 && from === null && saved !== null) this.#sourceEmpty(source)
      this.#readings.push(reading)
    }
  }

  /** A source that once held records and cannot be found any more is a destructive surprise, not a typo. */
  #sourceGone(error: unknown, source: string, saved: SourcePosition | null): never {
    if (saved !== null && error instanceof SyncError && error.code === 'SOURCE_NOT_FOUND') this.#sourceEmpty(source)
    throw error
  }

  #sourceEmpty(source: string): void {
    const { guards, allow } = this.#options
    if (guards.emptySource === 'allow' || allow.some((text) => text === 'empty_source' || text === `empty_source=${source}`)) return
    throw new SyncError('GUARD_EMPTY_SOURCE', `Source ${source} is empty, but it held records before`, {
      hint: `If that is meant, run again with --allow empty_source=${source}.`,
    })
  }

  #plan(): PlanSummary {
    const planner = new Planner(this.#prepared.program, { nowMs: this.#startedMs, bornNow: this.#prepared.bornNow, digest: false })
    return planner.planAll(this.#rows)
  }

  async #guard(summary: PlanSummary): Promise<readonly GuardStop[]> {
    const { guards, allow, store } = this.#options
    const suspicious = [...summary.mappings.values()].filter((plan) => plan.removals > guards.minRemovals || plan.additions > 1000)
    const isNeeded = suspicious.some(({ id }) => !this.#prepared.bornNow.has(id))
    const members = isNeeded ? await countMembers(store, this.#rows, this.#prepared.program) : new Map<string, number>()
    return checkGuards(summary, guards, { members, allowed: allow })
  }

  /** Delivers; returns what ended it early, or null. */
  async #apply(): Promise<unknown> {
    const { destination, store, signal } = this.#options
    const hard = new AbortController()
    const onAbort = () => setTimeout(() => hard.abort(), GRACE_MS).unref()
    signal.addEventListener('abort', onAbort, { once: true })
    const outcomes = new RowOutcomes(this.#prepared.program, this.#committer, this.#tally)
    const shared = {
      program: this.#prepared.program,
      destination,
      committer: this.#committer,
      outcomes,
      signal,
      onSent: (sent: Sent) => this.#onSent(sent),
    }
    try {
      const result = await new Delivery({
        ...shared,
        sendSignal: hard.signal,
        rows: this.#rows,
        run: this.#number,
        createUsers: this.#createUsers(),
        wait,
      }).run()
      this.#incomplete = result.incomplete
      if (result.failure !== null) return result.failure
      if (signal.aborted) return null
      if (result.createdUsers && result.memberships.length > 0 && destination.settleMs > 0) {
        this.#options.observe({ type: 'settling', ms: destination.settleMs })
        await wait(destination.settleMs, signal)
      }
      killPoint('before-cohorts')
      const known = new Map([...(await store.values(cohortKey('')))].map(([key, name]) => [key.slice(cohortKey('').length), String(name)]))
      const isComplete = await deliverMemberships({ ...shared, sendSignal: hard.signal, nowMs: this.#startedMs, known }, result.memberships)
      if (!isComplete) this.#incomplete = true
      return null
    } catch (error) {
      this.#incomplete = true
      return error
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #createUsers(): ReadonlySet<string> {
    return new Set(this.#options.syncs.filter(({ createUsers }) => createUsers).map(({ name }) => name))
  }

  #onSent(sent: Sent): void {
    this.#tally.requests += sent.requests
    this.#tally.retries += sent.retries
    this.#tally.sentUpdates += sent.updates
    this.#options.observe({
      type: 'sent',
      requests: this.#tally.requests,
      updates: this.#tally.sentUpdates,
      updatesPlanned: 0,
      dataPoints: this.#tally.dataPoints,
    })
  }

  #statusAfter(failure: unknown): Report['status'] {
    if (this.#options.signal.aborted) return 'interrupted'
    if (failure !== null || this.#incomplete) return 'partial'
    const rejected = this.#readings.some(({ folder }) => folder.totals.rejected > 0) || this.#tally.totals().rejected > 0
    return rejected ? 'partial' : 'done'
  }

  async #finish(status: Report['status'], ended: Pick<RunResult, 'summary' | 'stops' | 'failure'>): Promise<RunResult> {
    const report = this.#report(status, ended.summary)
    const isWhole = status !== 'stopped' && !this.#incomplete && ended.failure === null && !this.#options.signal.aborted
    if (this.#committer.failure === null) await this.#commitEnd(report, isWhole)
    this.#options.observe({ type: 'finished' })
    return { report, changes: this.#prepared.changes, ...ended, failure: ended.failure ?? this.#committer.failure }
  }

  #report(status: Report['status'], summary: PlanSummary): Report {
    const planned = summary.attributes + summary.events + summary.cohortAdds + summary.cohortRemovals
    const totals = this.#tally.totals()
    const sent = totals.attributes + totals.events + totals.cohort_adds + totals.cohort_removals + totals.rejected
    return makeReport(
      this.#prepared.program,
      this.#readings.map(({ folder }) => folder),
      this.#tally,
      {
        environment: this.#options.environment,
        run: this.#number,
        status,
        users: summary.users,
        recovered: this.#recovered,
        pending: Math.max(0, planned - sent),
        undone: summary.undone,
        seconds: Math.round(performance.now() - this.#clockStart) / 1000,
        reasons: this.#reasons,
      },
    )
  }

  async #commitEnd(report: Report, isWhole: boolean): Promise<void> {
    const { store, onlyUsers } = this.#options
    await this.#committer.flush()
    if (isWhole) await compactPartitions(store, this.#rows, this.#lease.current)
    killPoint('before-position')
    const positions =
      isWhole && onlyUsers === null
        ? this.#readings.filter(({ position }) => position !== null).map(({ source, position }) => ({ source, position: position! }))
        : []
    await store.commit({
      epoch: this.#lease.current.epoch,
      positions,
      mappings: isWhole && onlyUsers === null ? this.#prepared.records : [],
      values: isWhole
        ? [{ key: DUE, value: await dueTimes(store, this.#rows, { program: this.#prepared.program, nowMs: this.#startedMs }) }]
        : [],
      run: this.#record(report.status === 'planned' ? 'done' : report.status, report),
    })
    await store.expireDeadLetters(this.#lease.current.epoch, this.#options.now())
  }

  #record(status: RunRecord['status'], report: Report | null): RunRecord {
    const { actor, commit, syncs, now } = this.#options
    return {
      number: this.#number,
      startedAt: new Date(this.#startedMs).toISOString(),
      finishedAt: report === null ? null : new Date(now()).toISOString(),
      actor,
      commit,
      fingerprint: syncs.map(({ fingerprint }) => fingerprint).join('+'),
      status,
      report: report as unknown as Json,
    }
  }
}

type Sent = { readonly requests: number; readonly retries: number; readonly updates: number }

/** After an interrupt, how long requests in flight may still take, milliseconds. */
const GRACE_MS = 10_000
