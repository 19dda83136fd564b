import { MappingPlans, pointsOf } from '@engage-sync/core'
import type {
  BrazeCounts,
  MappingPlan,
  PendingOutput,
  Reasons,
  Report,
  RowPlace,
  SyncError,
} from '@engage-sync/core'
import type { Refusal } from './dead-letters/index.ts'
import type { AttributeTypes, DeliveryListener, SentCall } from './delivery/index.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What a run delivered. */
export interface DeliveredSum {
  readonly mappings: ReadonlyMap<string, MappingPlan>
  /** What it may have cost, with what has no answer. */
  readonly mostDataPoints: number
}

function noCounts(): Mutable<BrazeCounts> {
  return {
    requests: 0,
    attributes: 0,
    events: 0,
    cohort_adds: 0,
    cohort_removals: 0,
    data_points: 0,
    rejected: 0,
    pending: 0,
    retries: 0,
  }
}

/** Counts what is delivered and refused, per mapping and sync. */
export class RunCounters implements DeliveryListener {
  readonly #sent = new MappingPlans()
  /** By mapping: what was refused of it, and its sync. */
  readonly #refused = new Map<string, { readonly sync: string; count: number }>()
  readonly #letters = new Map<string, number>()
  /** Events taken as delivered without an answer. */
  readonly #decided = new Map<string, number>()
  #forgotten: NonNullable<Report['forgotten']> = { users: 0, deleted: 0 }
  #unknownPoints = 0
  #requests = 0
  #retries = 0
  /** Objects answered so far. */
  #updates = 0
  #failure: SyncError | null = null
  readonly #onRefused: (refusal: Refusal) => void
  readonly #reasons: Reasons

  readonly #types: AttributeTypes

  /** @param told - takes reasons of refusals, and types of what is delivered */
  constructor(
    told: { readonly reasons: Reasons; readonly types: AttributeTypes },
    onRefused: (refusal: Refusal) => void,
  ) {
    this.#reasons = told.reasons
    this.#types = told.types
    this.#onRefused = onRefused
  }

  /** Told of what is delivered, too. Default: nobody. */
  onDelivered: (place: RowPlace, pending: PendingOutput) => void = () => undefined

  delivered({ open, row }: RowPlace, pending: PendingOutput): void {
    this.onDelivered({ open, row }, pending)
    this.#types.note(open, pending)
    this.#sent.count({ open, row }, pending, 1)
  }

  refused(refusal: Refusal): void {
    const { output } = refusal.pending
    const known = this.#refused.get(output.id)
    if (known === undefined) this.#refused.set(output.id, { sync: output.syncName, count: 1 })
    else known.count++
    this.countLetter(output.syncName)
    this.#reasons.add(refusal.code, `${output.id}: ${refusal.message}`)
    this.#onRefused(refusal)
  }

  unknown({ open, row }: RowPlace, { output, entry }: PendingOutput): void {
    this.#unknownPoints += pointsOf(open, { row, entry, output, events: 1 })
  }

  /** It is no part of what was sent: the report says apart how many events were decided so. */
  decided(_: RowPlace, { output }: PendingOutput): void {
    add(this.#decided, output.syncName)
  }

  /** @param deleted - of the users, at the destination */
  countForgotten(users: number, deleted: number): void {
    this.#forgotten = {
      users: this.#forgotten.users + users,
      deleted: this.#forgotten.deleted + deleted,
    }
  }

  /** Users erased since somebody asked for it. */
  get forgotten(): NonNullable<Report['forgotten']> {
    return this.#forgotten
  }

  countLetter(sync: string): void {
    add(this.#letters, sync)
  }

  /** The first error that ended some parts alone while the run went on, or null. */
  get failure(): SyncError | null {
    return this.#failure
  }

  /** Counts a call; returns what there is so far. */
  sent({ requests, retries, updates, error }: SentCall): {
    requests: number
    updates: number
    dataPoints: number
    changes: number
  } {
    this.#requests += requests
    this.#retries += retries
    this.#updates += updates
    this.#failure ??= error ?? null
    let [changes, dataPoints] = [0, 0]
    for (const one of this.#sent.all.values()) {
      changes +=
        one.new + one.changed + one.unset + one.events + one.cohortAdds + one.cohortRemovals
      dataPoints += one.dataPoints
    }
    for (const { count } of this.#refused.values()) changes += count
    return { requests: this.#requests, updates: this.#updates, dataPoints, changes }
  }

  /** Totals over syncs; requests are shared between them and counted once, at the top. */
  totals(): BrazeCounts {
    return { ...this.#countsOf(null), requests: this.#requests, retries: this.#retries }
  }

  /** What was delivered of a mapping; null where nothing was. */
  sentOf(mapping: string): MappingPlan | null {
    return this.#sent.all.get(mapping) ?? null
  }

  /** What was delivered, by mapping or segment; and data points it may have cost. */
  get deliveredSum(): DeliveredSum {
    const mappings = this.#sent.all
    const points = [...mappings.values()].reduce((sum, { dataPoints }) => sum + dataPoints, 0)
    return { mappings, mostDataPoints: points + this.#unknownPoints }
  }

  /** How much of a mapping was refused. */
  refusedOf(mapping: string): number {
    return this.#refused.get(mapping)?.count ?? 0
  }

  /** @param sync - null for all */
  lettersOf(sync: string | null): number {
    return countOf(this.#letters, sync)
  }

  /** Events taken as delivered without an answer. @param sync - null for all */
  decidedOf(sync: string | null): number {
    return countOf(this.#decided, sync)
  }

  of(sync: string): BrazeCounts {
    return this.#countsOf(sync)
  }

  /** @param sync - null for all */
  #countsOf(sync: string | null): BrazeCounts {
    const counts = noCounts()
    for (const one of this.#sent.all.values()) {
      if (sync !== null && one.sync !== sync) continue
      counts.attributes += one.new + one.changed + one.unset
      counts.events += one.events
      counts.cohort_adds += one.cohortAdds
      counts.cohort_removals += one.cohortRemovals
      counts.data_points += one.dataPoints
    }
    for (const refused of this.#refused.values())
      if (sync === null || refused.sync === sync) counts.rejected += refused.count
    return counts
  }
}

function add(counts: Map<string, number>, sync: string): void {
  counts.set(sync, (counts.get(sync) ?? 0) + 1)
}

function countOf(counts: ReadonlyMap<string, number>, sync: string | null): number {
  if (sync !== null) return counts.get(sync) ?? 0
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
