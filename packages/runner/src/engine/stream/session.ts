import type { Cause, Report, SourcePosition, StreamSource } from '@engage-sync/core'
import { isSyncError } from '../../process/sync-error.ts'
import { tryToPurge } from '../../state/actions/purge.ts'
import { cohortNames, unconfirmedSends, unreportedRecovery } from '../../state/values/values.ts'
import type { UnconfirmedSends } from '../../state/values/values.ts'
import { allowRequests, streamGuards } from '../../state/values/stream-guards.ts'
import type { StoredValue } from '../../state/values/named-value.ts'
import { promotesAliases } from '../aliases/index.ts'
import { compactPartitions, grownPartitions, recover, unconfirmedEnds } from '../durable/index.ts'
import type { HeldLease } from '../durable/index.ts'
import { openRun } from '../open.ts'
import type { OpenRun } from '../open.ts'
import { WINDOW } from '../request/index.ts'
import { RunJournal } from '../run-journal.ts'
import { DueRows } from './due-rows.ts'
import type { StreamOptions } from './options.ts'
import { Holds } from './holds.ts'
import { LateWork } from './late-work.ts'
import type { FrozenMapping } from './status.ts'
import { Shift } from './shift.ts'
import { StreamGuards } from './stream-guards.ts'
import { UndecidedMarks } from './undecided-marks.ts'

/** After this long the run that a stream is recorded as ends, and another one begins, milliseconds. */
const SHIFT_MS = 3_600_000
/** After a failure, how long requests that are under way may still take, milliseconds. */
const GRACE_MS = 5000
/** How often it is looked for partitions whose log has grown, milliseconds. */
const COMPACT_MS = 10_000

/**
 * Deltas of a partition between two snapshots, at most: a window writes a small one to many
 * partitions, and a snapshot is all of one.
 */
const MAX_DELTAS = 5000

/** What a session is opened with. */
export interface SessionInputs {
  readonly options: StreamOptions
  readonly streams: ReadonlyMap<string, StreamSource>
  readonly lease: HeldLease
  readonly maxRecords: number
}

/**
 * Everything windows work on while nothing fails: the rows, which stay in memory, where the sources
 * stand, and the books of the shift.
 *
 * After a failure memory and state may differ, so a session ends with it, and the next one reads
 * the state anew.
 */
export class Session {
  readonly inputs: SessionInputs
  readonly open: OpenRun
  readonly due: DueRows
  /** Names of cohorts as the destination knows them, by id. */
  readonly cohorts: Map<string, string>
  /** Where each source stands, by the last commit. */
  readonly positions: Map<string, SourcePosition>
  /** Users whose records wait in the state. */
  readonly holds: Holds
  readonly marks: UndecidedMarks
  readonly late: LateWork
  readonly guards: StreamGuards
  /** Aliases are joined with users, whose rows then belong together: nobody's records are held. */
  readonly joinsAliases: boolean
  /** Told whenever somebody who waited may go on. */
  onFree: () => void = () => undefined
  readonly #hard = new AbortController()
  #shift: Shift
  /** Records of a window that the state says may have been sent, should nothing more be heard. */
  #doubted: number
  /** By source: up to which of the next records former processes may have sent what they made of them. */
  readonly #ends: Map<string, readonly number[]>
  #compactedMs: number

  private constructor(parts: {
    readonly inputs: SessionInputs
    readonly open: OpenRun
    readonly due: DueRows
    readonly cohorts: Map<string, string>
    readonly positions: ReadonlyMap<string, SourcePosition>
    readonly shift: Shift
    readonly guards: StreamGuards
  }) {
    const { inputs, open } = parts
    this.inputs = inputs
    this.open = open
    this.due = parts.due
    this.cohorts = parts.cohorts
    this.positions = new Map(parts.positions)
    const { options } = inputs
    const { destination } = options
    const settles = options.onUnknown === 'verify'
    this.holds = new Holds(options, open.deferred.users)
    this.marks = new UndecidedMarks(
      this.holds,
      settles ? Math.max(destination.verifyAfterMs, destination.settleMs) : 0,
    )
    this.late = new LateWork({
      lateMs: options.lateMs,
      holds: this.holds,
      marks: this.marks,
      outputs: open.mappings.program.outputs,
      outcomes: () => this.#shift.outcomes,
      settleMs: destination.settleMs,
      onFree: () => this.onFree(),
    })
    this.guards = parts.guards
    this.joinsAliases = promotesAliases(open.mappings.programs)
    this.#shift = parts.shift
    this.#ends = endsOf(parts)
    this.#doubted = [...this.#ends.values()]
      .flat()
      .reduce((most, end) => Math.max(most, end), inputs.maxRecords)
    this.#compactedMs = performance.now()
  }

  /**
   * Opens one over a state that an ordinary run has brought in line.
   *
   * @throws {SyncError} `STATE_…`
   */
  static async open(inputs: SessionInputs): Promise<Session> {
    const { options, lease } = inputs
    const { store, now } = options
    const nowMs = now()
    const windows = { ...options, kind: WINDOW }
    const journal = await RunJournal.begin(windows, lease, nowMs)
    const open = await openRun(windows, { nowMs, run: journal.number })
    const { partitions } = open
    const due = await DueRows.load(store, { partitions, program: open.mappings.program }, nowMs)
    const session = new Session({
      inputs: { ...inputs, options: windows },
      open,
      due,
      cohorts: await cohortNames.readAll(store),
      positions: await store.positions(),
      shift: new Shift(windows, open, { lease, journal }),
      guards: new StreamGuards(await streamGuards.read(store)),
    })
    await session.#begin()
    await session.#recover()
    await session.#tidy()
    return session
  }

  get shift(): Shift {
    return this.#shift
  }

  /**
   * After how long there is something to do though nothing comes, milliseconds. Other tries by a
   * clock that nobody sets.
   */
  get idleMs(): number {
    const dueMs = this.due.nextMs - this.inputs.options.now()
    if (this.late.failure !== null) return 0
    return Math.max(0, Math.min(dueMs, this.holds.idleMs, this.marks.idleMs))
  }

  /** What of the next records former processes may have sent. */
  get unconfirmed(): UnconfirmedSends {
    const { positions } = this
    return new Map(
      [...this.#ends].map(([source, ends]) => [source, { isWhole: !positions.has(source), ends }]),
    )
  }

  /** So many records of a source are committed. */
  passed(source: string, records: number): void {
    const left = (this.#ends.get(source) ?? []).map((end) => end - records)
    this.#ends.set(
      source,
      left.filter((end) => end > 0),
    )
  }

  /** Aborted: what is in flight is given up, since the session failed. */
  get hardSignal(): AbortSignal {
    return this.#hard.signal
  }

  /** Notes in the state what a window that is larger than any before may have sent. */
  async announce(records: number): Promise<void> {
    if (records <= this.#doubted) return
    this.#doubted = records
    const { committer } = this.#shift.books
    committer.setValue(this.doubts())
    await committer.flush()
  }

  /**
   * What to store of records after the positions: so many of them may have been sent, should the
   * process end without a word.
   */
  doubts(): StoredValue {
    const sends = new Map(this.open.unconfirmed)
    for (const source of this.inputs.streams.keys())
      sends.set(source, { isWhole: !this.positions.has(source), ends: [this.#doubted] })
    return unconfirmedSends.stored(sends)
  }

  /** Takes what somebody let pass, and lets those go on whom that held. */
  async takeAllowed(): Promise<void> {
    const { guards, holds } = this
    if (guards.frozen.size === 0) return
    const { options } = this.inputs
    const { committer } = this.#shift.books
    for (const request of (await allowRequests.readAll(options.store)).keys()) {
      holds.thaw(guards.allow(request, options.now()))
      committer.setValue(allowRequests.cleared(request))
    }
    for (const value of guards.takeReserved()) committer.setValue(value)
  }

  /** Memberships whose changes are held. */
  get frozen(): readonly FrozenMapping[] {
    return [...this.guards.frozen].map(([allow, sinceMs]) => ({
      mapping: allow.slice(allow.indexOf('=') + 1),
      guard: allow.startsWith('removals') ? 'removals' : 'additions',
      sinceMs,
      held: this.holds.heldBy(allow),
      allow,
    }))
  }

  /** Ends the shift where it has lasted long enough, and begins another; looks after the state's size. */
  async care(): Promise<void> {
    await this.#compact()
    if (this.#shift.ageMs < SHIFT_MS || !this.late.isIdle) return
    await this.#endShift(null)
    const { options, lease } = this.inputs
    await this.#tidy()
    const journal = await RunJournal.begin(options, lease, options.now())
    this.#shift = new Shift(options, this.open, { lease, journal })
    await this.#begin()
  }

  /** Ends it in good order: nothing is in doubt after it. */
  async end(): Promise<Report> {
    await this.late.idle()
    const { committer } = this.#shift.books
    const sends = new Map(this.open.unconfirmed)
    for (const source of this.inputs.streams.keys()) sends.delete(source)
    committer.setValue(unconfirmedSends.stored(sends))
    for (const value of this.guards.takeUsed()) committer.setValue(value)
    await committer.flush()
    return await this.#endShift(null)
  }

  /** Ends it after a failure: what was answered becomes durable where that is still possible. */
  async fail(error: Cause): Promise<void> {
    const given = setTimeout(() => this.#hard.abort(), GRACE_MS)
    await this.late.idle()
    clearTimeout(given)
    const { committer } = this.#shift.books
    if (committer.failure === null) await committer.flush().catch(() => undefined)
    await this.#endShift(error)
  }

  async #begin(): Promise<void> {
    const { store } = this.inputs.options
    const { lease, journal } = this.#shift.books
    await store.commit({
      epoch: lease.current.epoch,
      run: journal.record('running', null),
      values: [...this.open.mappings.values, this.doubts()],
    })
  }

  /** Decides what a former process left open. */
  async #recover(): Promise<void> {
    const { options } = this.inputs
    const { partitions, mappings } = this.open
    const recovered = await recover({
      ...options,
      rows: partitions.rows,
      program: mappings.program,
      committer: this.#shift.books.committer,
      onVerifying: ({ requests, ms }) => options.observe({ type: 'verifying', requests, ms }),
    })
    this.#shift.addRecovered(recovered)
  }

  async #endShift(error: Cause | null): Promise<Report> {
    const { lease, journal, committer } = this.#shift.books
    committer.setValue(unreportedRecovery.cleared)
    await committer.flush().catch(() => undefined)
    const report = this.#shift.report({ error, isWhole: this.holds.size === 0 })
    await journal.recordEnd(lease, report)
    return report
  }

  /** Rewrites files that still hold users who were erased, and drops letters that expired. */
  async #tidy(): Promise<void> {
    const { store, now } = this.inputs.options
    const { lease } = this.#shift.books
    const prevented = await tryToPurge(store, () => lease.current.epoch)
    if (isSyncError(prevented) && prevented.code === 'STATE_LEASE_LOST') throw prevented
    await store.expireDeadLetters(lease.current.epoch, now())
  }

  async #compact(): Promise<void> {
    if (performance.now() - this.#compactedMs < COMPACT_MS) return
    this.#compactedMs = performance.now()
    const { store } = this.inputs.options
    const late = this.holds.latePartitions
    const grown = (await grownPartitions(store, this.open.partitions.rows, MAX_DELTAS)).filter(
      ({ rows }) => !late.has(rows.number),
    )
    await compactPartitions(store, grown, () => this.#shift.books.lease.current)
  }
}

function endsOf(parts: {
  readonly inputs: SessionInputs
  readonly open: OpenRun
  readonly positions: ReadonlyMap<string, SourcePosition>
}): Map<string, readonly number[]> {
  const { inputs, open, positions } = parts
  return new Map(
    [...inputs.streams.keys()].map((source) => {
      const from = positions.get(source) ?? null
      return [source, unconfirmedEnds(open.unconfirmed, { source, kind: 'new', from })]
    }),
  )
}
