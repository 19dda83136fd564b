import { encodingOf } from '../mapping/encoding.ts'
import { digestHex, digestOfBytes } from '../rows/hash/digest.ts'
import type { OpenPartition, RowPlace } from '../rows/pending/open-partition.ts'
import type { OpenRows } from '../rows/pending/open-rows.ts'
import { buildRowUpdate, userOfRow } from './build-update.ts'
import type { PendingOutput, RowUpdate } from './build-update.ts'
import type { SegmentPlace } from './evaluate-segment.ts'
import { entriesToSend, isCreated } from './first-false.ts'
import { MappingPlans } from './mapping-plan.ts'
import type { MappingPlan } from './mapping-plan.ts'
import type { RunProgram } from './run-program.ts'
import { countedEvents, eventsOfRow, settleSegments } from './settle-row.ts'
import type { RowEvents, SettleOptions } from './settle-row.ts'
import { partsOf } from './update-parts.ts'
import type { UpdateSet } from './update-set.ts'

/** What a plan says that another plan of the same records, from the same state, does not. */
export interface PlanEffect {
  /** By mapping or segment; those of which all is said there are left out. */
  readonly mappings: ReadonlyMap<string, MappingPlan>
  /** Users who would get something of it. */
  readonly users: number
  /** Users who would get something of a mapping that the other plan says, too, whatever is new of it. */
  readonly keptUsers: ReadonlyMap<string, number>
  /** Attributes, events and memberships that the other plan says and this one does not. */
  readonly prevented: number
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
  /** What of it another plan does not say; null where there is none beside it. */
  readonly effect: PlanEffect | null
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
  /** Takes up what is planned, part by part. */
  readonly collects?: UpdateSet | undefined
  /** What another plan says: what this one says beyond it is its effect. */
  readonly known?: UpdateSet | undefined
  /** Told of every row that sends something; for samples. */
  readonly onRow?: (row: PlannedRow) => void
}

/** A row that sends something. */
export interface PlannedRow extends RowPlace {
  readonly update: RowUpdate
  /** Whether another plan beside it says less; true where there is none. */
  readonly isNew: boolean
}

/** Adds up what the pending rows would send, after bringing segments in line. One call per fold. */
export class Planner {
  readonly #program: RunProgram
  readonly #options: PlanOptions
  readonly #mappings = new MappingPlans()
  /** What no other plan says. */
  readonly #effect = new MappingPlans()
  /** The last row that has something of a mapping, counted up. */
  readonly #lastRows = new Map<MappingPlan, number>()
  readonly #newOfRow = new Set<MappingPlan>()
  /** Mappings of which the other plan says something of the row, too, and of how many users. */
  readonly #keptOfRow = new Set<string>()
  readonly #keptUsers = new Map<string, number>()
  /** Users of whom something is new. */
  #newUsers = 0
  /** Parts that the other plan says, too. */
  #kept = 0
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
      [...this.#mappings.all.values()].reduce((total, mapping) => total + of(mapping), 0)
    const additions = sum((mapping) => mapping.new + mapping.events + mapping.cohortAdds)
    return {
      mappings: this.#mappings.all,
      users: this.#users,
      attributes: sum((mapping) => mapping.new + mapping.changed + mapping.unset),
      events: sum((mapping) => mapping.events),
      cohortAdds: sum((mapping) => mapping.cohortAdds),
      cohortRemovals: sum((mapping) => mapping.cohortRemovals),
      dataPoints: sum((mapping) => mapping.dataPoints),
      effect: this.#effectBeside(),
      undone: this.#undone,
      digest: digestHex({ low: this.#low, high: this.#high }),
      kinds: {
        additive: additions,
        changing: sum((mapping) => mapping.changed),
        destructive: sum((mapping) => mapping.unset + mapping.cohortRemovals),
      },
    }
  }

  #effectBeside(): PlanEffect | null {
    const { known } = this.#options
    if (known === undefined) return null
    const prevented = known.size - this.#kept
    const keptUsers = this.#keptUsers
    return { mappings: this.#effect.all, users: this.#newUsers, keptUsers, prevented }
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
    if (this.#options.known !== undefined) {
      this.#newOfRow.clear()
      this.#keptOfRow.clear()
    }
    if (!open.rows.flags.isCreated(place.row))
      this.#users[isCreated(place, entries) ? 'created' : 'only_existing']++
    for (const pending of entries) this.#count(place, pending, events)
    if (this.#options.known !== undefined) this.#countBeside()
    if (this.#options.digest || this.#options.onRow !== undefined)
      this.#tell(
        open,
        place.row,
        buildRowUpdate({ program: fold, open, row: place.row, events, entries }),
      )
  }

  /** Counts what one entry says; with another plan beside it, also the part that is new. */
  #count(place: RowPlace, pending: PendingOutput, events: RowEvents): void {
    const accepted = events.get(pending.entry)?.length ?? 0
    const plan = this.#mappings.count(place, pending, accepted)
    const row = this.#users.changed
    if (this.#lastRows.get(plan) !== row) plan.users++
    this.#lastRows.set(plan, row)
    const { known, collects } = this.#options
    if (known === undefined && collects === undefined) return
    const user = JSON.stringify(userOfRow(place.open.rows, place.row))
    const parts = partsOf(this.#program.fold, place, { pending, events })
    if (collects !== undefined) for (const part of parts) collects.add(user, part)
    if (known === undefined) return
    const added = parts.filter((part) => !known.has(user, part)).length
    this.#kept += parts.length - added
    if (parts.length > added) this.#keptOfRow.add(pending.output.id)
    if (added > 0) this.#newOfRow.add(this.#effect.count(place, pending, added))
  }

  /** Counts the user by what of it is new beside another plan. */
  #countBeside(): void {
    for (const plan of this.#newOfRow) plan.users++
    for (const id of this.#keptOfRow) this.#keptUsers.set(id, (this.#keptUsers.get(id) ?? 0) + 1)
    if (this.#newOfRow.size > 0) this.#newUsers++
  }

  #tell(open: OpenPartition, row: number, update: RowUpdate): void {
    const isNew = this.#options.known === undefined || this.#newOfRow.size > 0
    this.#options.onRow?.({ open, row, update, isNew })
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
