import type { Cause, Report, SourcePosition, StreamSource } from '@engage-sync/core'
import { cohortNames } from '../../../state/values/values.ts'
import { promotesAliases } from '../../aliases/index.ts'
import { recover } from '../../durable/index.ts'
import type { HeldLease } from '../../durable/index.ts'
import { isThawed, openRun } from '../../open.ts'
import type { OpenRun } from '../../open.ts'
import { savedPositions } from '../../reading/index.ts'
import { WINDOW } from '../../request/index.ts'
import { RunJournal } from '../../run-journal.ts'
import type { ChargedBefore, Guards } from '../guarding/index.ts'
import { frozenMappings } from '../status/index.ts'
import type { FrozenMapping } from '../status/index.ts'
import type { StreamOptions } from '../terms/index.ts'
import { Holds, LateWork, UndecidedMarks } from '../waiting/index.ts'
import { Doubts } from './doubts.ts'
import { DueRows } from './due-rows.ts'
import type { FleetMembers } from './fleet-members.ts'
import { Handovers } from './handovers.ts'
import { Members } from './members.ts'
import { openGuards } from './open-guards.ts'
import { keptDecoders } from './kept-decoders.ts'
import type { Shift } from './shift.ts'
import { Shifts } from './shifts.ts'
import { Upkeep } from './upkeep.ts'

/** After a failure, how long requests that are under way may still take, milliseconds. */
const GRACE_MS = 5000

/** What a session is opened with. */
export interface SessionInputs {
  readonly options: StreamOptions
  readonly streams: ReadonlyMap<string, StreamSource>
  readonly lease: HeldLease
  readonly maxRecords: number
  /** What guards let pass before this session, and is planned again. */
  readonly before: ChargedBefore
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
  readonly guards: Guards
  readonly members: Members
  /** Of all workers; null for one process alone. */
  readonly fleetMembers: FleetMembers | null
  readonly doubts: Doubts
  /** Aliases are joined with users, whose rows then belong together: nobody's records are held. */
  readonly joinsAliases: boolean
  readonly handovers: Handovers
  /** Told whenever somebody who waited may go on. */
  onFree: () => void = () => undefined
  readonly #hard = new AbortController()
  readonly #shifts: Shifts
  readonly upkeep: Upkeep

  private constructor(parts: {
    readonly inputs: SessionInputs
    readonly open: OpenRun
    readonly due: DueRows
    readonly cohorts: Map<string, string>
    readonly positions: ReadonlyMap<string, SourcePosition>
    readonly shifts: Shifts
    readonly upkeep: Upkeep
    readonly guards: Guards
    readonly fleetMembers: FleetMembers | null
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
      outcomes: () => this.shift.outcomes,
      settleMs: destination.settleMs,
      onFree: () => this.onFree(),
    })
    this.guards = parts.guards
    this.fleetMembers = parts.fleetMembers
    this.members = new Members(open, options.store, parts.shifts.current.books.counters)
    this.joinsAliases = promotesAliases(open.mappings.programs)
    const { store, share } = options
    const { joinsAliases } = this
    this.handovers = new Handovers({ store, joinsAliases, partitions: share?.partitions })
    this.#shifts = parts.shifts
    this.#tellMembers()
    this.doubts = new Doubts({
      unconfirmed: open.unconfirmed,
      sources: [...inputs.streams.keys()],
      positions: this.positions,
      maxRecords: inputs.maxRecords,
      isPast: options.share?.isPast,
    })
    this.upkeep = parts.upkeep
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
    const createDecoder = keptDecoders(options.createDecoder)
    const windows = { ...options, kind: WINDOW, createDecoder }
    const journal = await RunJournal.begin(windows, lease, nowMs)
    const open = await openRun(windows, { nowMs, run: journal.number })
    const { partitions } = open
    const upkeep = new Upkeep(store, () => lease.current)
    const due = await DueRows.load(store, { partitions, program: open.mappings.program }, nowMs)
    await partitions.openKept()
    const session = new Session({
      inputs: { ...inputs, options: windows },
      open,
      due,
      cohorts: await cohortNames.readAll(store),
      positions: await savedPositions(store, options.sources),
      shifts: new Shifts({ options: windows, open, lease, upkeep }, journal),
      upkeep,
      ...(await openGuards(options, open, inputs.before)),
    })
    session.#thawAllowed()
    await session.#begin()
    await session.#recover()
    await session.upkeep.tidy(nowMs)
    return session
  }

  get shift(): Shift {
    return this.#shifts.current
  }

  /**
   * After how long there is something to do though nothing comes, milliseconds. Other tries by a
   * clock that nobody sets.
   */
  get idleMs(): number {
    const dueMs = this.due.nextMs - this.inputs.options.now()
    const { holds, marks, handovers, open } = this
    if (this.late.failure !== null || (open.frozen.isThawing && holds.room > 0)) return 0
    return Math.max(0, Math.min(dueMs, holds.idleMs, marks.idleMs, handovers.idleMs))
  }

  /** Aborted: what is in flight is given up, since the session failed. */
  get hardSignal(): AbortSignal {
    return this.#hard.signal
  }

  /** Notes in the state what a window that is larger than any before may have sent. */
  async announce(records: number): Promise<void> {
    if (!this.doubts.grow(records)) return
    const { committer } = this.shift.books
    committer.setValue(this.doubts.stored(this.positions))
    await committer.flush()
  }

  /** Takes what somebody let pass, and lets those go on whom that held. */
  async takeAllowed(): Promise<void> {
    const { guards, open } = this
    const held = new Set(open.frozen.guards)
    const { thawed, values } = await guards.look(this.inputs.options.now(), held)
    if (thawed.length > 0) open.frozen.thaw(thawed)
    if (values.length === 0) return
    const { committer } = this.shift.books
    for (const value of values) committer.setValue(value)
    // Where nothing is held, no window may follow that commits it.
    await committer.flush()
  }

  /** Users of whom something waits. */
  get waiting(): number {
    return this.holds.sizeWith(this.open.frozen)
  }

  /** Memberships whose changes are held. */
  get frozen(): readonly FrozenMapping[] {
    return frozenMappings(this.guards.frozen, (guard) => this.open.frozen.heldBy(guard))
  }

  /** Ends the shift where it has lasted long enough, and begins another; looks after the state's size. */
  async care(): Promise<void> {
    await this.upkeep.compact(this.open.partitions.rows, this.holds.latePartitions)
    if (!(await this.#shifts.isOver(this.late))) return
    await this.#endShift(null)
    await this.upkeep.tidy(this.inputs.options.now())
    await this.#shifts.next()
    this.members.nextShift(this.shift.books.counters)
    this.#tellMembers()
    await this.#begin()
  }

  /** Ends it in good order: nothing is in doubt after it. */
  async end(): Promise<Report> {
    await this.late.idle()
    const { committer } = this.shift.books
    committer.setValue(this.doubts.cleared())
    for (const value of await this.guards.end()) committer.setValue(value)
    await committer.flush()
    return await this.#endShift(null)
  }

  /** Ends it after a failure: what was answered becomes durable where that is still possible. */
  async fail(error: Cause): Promise<void> {
    const given = setTimeout(() => this.#hard.abort(), GRACE_MS)
    await this.late.idle()
    clearTimeout(given)
    this.guards.putOff(this.holds.charges, this.inputs.options.now())
    await this.guards.end().catch(() => [])
    const { committer } = this.shift.books
    if (committer.failure === null) await committer.flush().catch(() => undefined)
    await this.#endShift(error)
  }

  #tellMembers(): void {
    const { fleetMembers } = this
    if (fleetMembers !== null) this.shift.books.counters.onDelivered = fleetMembers.delivered
  }

  #begin(): Promise<void> {
    return this.#shifts.begin([this.doubts.stored(this.positions)])
  }

  /** What a guard held that was allowed meanwhile is not held any more. */
  #thawAllowed(): void {
    const { open, guards, inputs } = this
    const { allow } = inputs.options
    open.frozen.thaw(
      open.frozen.guards.filter((key) => !guards.frozen.has(key) || isThawed(key, allow)),
    )
  }

  /** Decides what a former process left open. */
  async #recover(): Promise<void> {
    const { options } = this.inputs
    const { partitions, mappings } = this.open
    const recovered = await recover({
      ...options,
      rows: partitions.rows,
      program: mappings.program,
      committer: this.shift.books.committer,
      onVerifying: ({ requests, ms }) => options.observe({ type: 'verifying', requests, ms }),
    })
    this.shift.addRecovered(recovered)
  }

  #endShift(error: Cause | null): Promise<Report> {
    return this.#shifts.end({ error, waiting: this.waiting })
  }
}
