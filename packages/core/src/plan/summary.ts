import { NULL_BYTE } from '../fold/encoded.ts'
import { encodingOf } from '../mapping/encoding.ts'
import { digestHex, digestOfBytes, MEMBER, NO_VALUE, NOTHING } from '../rows/hash/digest.ts'
import type { OpenPartition, RowPlace } from '../rows/pending/open-partition.ts'
import type { OpenRows } from '../rows/pending/open-rows.ts'
import { buildRowUpdate, userOfRow } from './build-update.ts'
import type { PendingOutput, RowUpdate } from './build-update.ts'
import type { SegmentPlace } from './evaluate-segment.ts'
import { entriesToSend, isCreated } from './first-false.ts'
import { pointsOf } from './points.ts'
import type { RunProgram } from './run-program.ts'
import { countedEvents, eventsOfRow, settleSegments } from './settle-row.ts'
import type { SettleOptions } from './settle-row.ts'

/** What one mapping or segment would send. */
export interface MappingPlan {
  readonly id: string
  readonly sync: string
  /** Users who would get something of it. */
  users: number
  /** Attributes set for users that had none from us, changed, and unset. */
  new: number
  changed: number
  unset: number
  events: number
  cohortAdds: number
  cohortRemovals: number
  dataPoints: number
  /** Users who become or stop being members, over all encodings of the membership. */
  additions: number
  removals: number
}

/** What a run would do, added up. */
export interface PlanSummary {
  readonly mappings: ReadonlyMap<string, MappingPlan>
  readonly users: {
    seen: number
    changed: number
    created: number
    /**
     * Not known to exist, and told only what they do not belong to: updated where Braze has them,
     * never created.
     */
    only_existing: number
  }
  readonly attributes: number
  readonly events: number
  readonly cohortAdds: number
  readonly cohortRemovals: number
  readonly dataPoints: number
  /** Values that ended where they began. */
  readonly undone: number
  /** Digest of all updates, whatever their order; 16 hexadecimal digits. */
  readonly digest: string
  /** Values changed by kind of change: additive, value-changing, destructive. */
  readonly kinds: {
    readonly additive: number
    readonly changing: number
    readonly destructive: number
  }
}

/** Options of `planRows`. */
export interface PlanOptions extends SettleOptions {
  readonly nowMs: number
  /** Computes the digest of updates; costs building each. */
  readonly digest: boolean
  /** Told of every row that sends something; for samples. */
  readonly onRow?: (row: RowPlace & { readonly update: RowUpdate }) => void
}

/** Adds up what the pending rows would send, after bringing segments in line. One call per fold. */
export class Planner {
  readonly #program: RunProgram
  readonly #options: PlanOptions
  readonly #mappings = new Map<string, MappingPlan>()
  /** The mappings of the row that is planned. */
  readonly #ofRow = new Set<MappingPlan>()
  readonly #users = { seen: 0, changed: 0, created: 0, only_existing: 0 }
  /** Segments may add events of their own once they are settled. */
  readonly #sendsTransitions: boolean
  #undone = 0
  #low = 0
  #high = 0

  constructor(program: RunProgram, options: PlanOptions) {
    this.#program = program
    this.#options = options
    this.#sendsTransitions = program.fold.segments.some(
      ({ segment }) => encodingOf(segment, 'event') !== undefined,
    )
  }

  /** Plans every open partition. */
  planAll(rows: OpenRows): PlanSummary {
    for (const open of rows.partitions) if (open !== undefined) this.plan(open)
    return this.summary()
  }

  /** Plans the touched rows of one partition. */
  plan(open: OpenPartition): void {
    const place: SegmentPlace = { open, row: 0, nowMs: this.#options.nowMs, events: [] }
    const { notes } = open.pending
    for (let row = notes.next(0); row >= 0; row = notes.next(row + 1)) {
      if (!notes.isTouched(row)) continue
      this.#users.seen++
      place.row = row
      this.#planRow(open, place)
    }
  }

  summary(): PlanSummary {
    const sum = (of: (mapping: MappingPlan) => number) =>
      [...this.#mappings.values()].reduce((total, mapping) => total + of(mapping), 0)
    const additions = sum((mapping) => mapping.new + mapping.events + mapping.cohortAdds)
    return {
      mappings: this.#mappings,
      users: this.#users,
      attributes: sum((mapping) => mapping.new + mapping.changed + mapping.unset),
      events: sum((mapping) => mapping.events),
      cohortAdds: sum((mapping) => mapping.cohortAdds),
      cohortRemovals: sum((mapping) => mapping.cohortRemovals),
      dataPoints: sum((mapping) => mapping.dataPoints),
      undone: this.#undone,
      digest: digestHex({ low: this.#low, high: this.#high }),
      kinds: {
        additive: additions,
        changing: sum((mapping) => mapping.changed),
        destructive: sum((mapping) => mapping.unset + mapping.cohortRemovals),
      },
    }
  }

  #planRow(open: OpenPartition, place: SegmentPlace): void {
    const { fold } = this.#program
    let events = eventsOfRow(fold, open, place.row)
    if (fold.segments.length > 0) {
      place.events = countedEvents(fold, open, events)
      settleSegments(fold, place, this.#options)
      if (this.#sendsTransitions) events = eventsOfRow(fold, open, place.row)
    }
    if (open.pending.first(place.row) < 0) return
    const entries = entriesToSend(this.#program, place, events)
    if (entries.length === 0) {
      this.#undone++
      return
    }
    this.#users.changed++
    if (!open.rows.flags.isCreated(place.row))
      this.#users[isCreated(place, entries) ? 'created' : 'only_existing']++
    this.#ofRow.clear()
    for (const pending of entries)
      this.#count(open, place.row, { pending, events: events.get(pending.entry)?.length ?? 0 })
    for (const plan of this.#ofRow) plan.users++
    if (this.#options.digest || this.#options.onRow !== undefined)
      this.#tell(
        open,
        place.row,
        buildRowUpdate({ program: fold, open, row: place.row, events, entries }),
      )
  }

  #count(
    open: OpenPartition,
    row: number,
    change: { pending: PendingOutput; events: number },
  ): void {
    const { entry, output } = change.pending
    const plan = this.#mappingPlan(output.id, output.syncName)
    this.#ofRow.add(plan)
    plan.dataPoints += pointsOf(open, { row, entry, output, events: change.events })
    if (output.kind === 'event') plan.events += change.events
    else if (output.kind !== 'cohort') countAttribute(plan, open, entry)
    else if (isMember(open, row, output.column)) plan.cohortAdds++
    else plan.cohortRemovals++
    if (output.isMembership && output.isPrimary) {
      // A first "no member" takes nobody out of anything.
      const was = open.pending.heldBefore(entry, MEMBER)
      const is = isMember(open, row, output.column)
      if (is && !was) plan.additions++
      else if (was && !is) plan.removals++
    }
  }

  #mappingPlan(id: string, sync: string): MappingPlan {
    let plan = this.#mappings.get(id)
    if (plan === undefined) {
      plan = {
        id,
        sync,
        users: 0,
        new: 0,
        changed: 0,
        unset: 0,
        events: 0,
        cohortAdds: 0,
        cohortRemovals: 0,
        dataPoints: 0,
        additions: 0,
        removals: 0,
      }
      this.#mappings.set(id, plan)
    }
    return plan
  }

  #tell(open: OpenPartition, row: number, update: RowUpdate): void {
    this.#options.onRow?.({ open, row, update })
    if (!this.#options.digest) return
    const memberships = update.memberships.map(({ cohortId, member }) => `${cohortId}${member}`)
    const text = JSON.stringify([
      userOfRow(open.rows, row),
      update.attributes,
      update.events.map(({ members }) => members),
      memberships,
    ])
    const bytes = encoder.encode(text)
    const { low, high } = digestOfBytes(bytes, PLAN_SEED)
    this.#low = (this.#low + low) >>> 0
    this.#high = (this.#high + high) >>> 0
  }
}

const PLAN_SEED = 0x5eed0004
const encoder = new TextEncoder()

function countAttribute(plan: MappingPlan, { pending }: OpenPartition, entry: number): void {
  const wasThere = !pending.heldBefore(entry, NOTHING) && !pending.heldBefore(entry, NO_VALUE)
  if (pending.firstByte(entry) === NULL_BYTE) plan.unset++
  else if (wasThere) plan.changed++
  else plan.new++
}

function isMember({ rows }: OpenPartition, row: number, column: number): boolean {
  return rows.slots.holds(row, column, MEMBER)
}
