import type {
  BrazeCounts,
  ClassCounts,
  Folder,
  PendingOutput,
  PlanSummary,
  Reasons,
  Report,
  RowPlace,
  RunProgram,
  SyncReport,
} from '@engage-sync/core'
import { CLASS_NAMES, pointsOf, saysMember } from '@engage-sync/core'
import type { DeliveryListener, Refusal } from './delivery/row-outcomes.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function noCounts(): Mutable<BrazeCounts> {
  return { requests: 0, attributes: 0, events: 0, cohort_adds: 0, cohort_removals: 0, data_points: 0, rejected: 0, pending: 0, retries: 0 }
}

/** Counts what is delivered and refused, per sync, and makes the report of it. */
export class RunCounters implements DeliveryListener {
  readonly #bySync = new Map<string, Mutable<BrazeCounts>>()
  readonly #letters = new Map<string, number>()
  requests = 0
  retries = 0
  /** Objects answered so far. */
  sentUpdates = 0
  readonly #onRefused: (refusal: Refusal) => void
  readonly #reasons: Reasons

  constructor(reasons: Reasons, onRefused: (refusal: Refusal) => void) {
    this.#reasons = reasons
    this.#onRefused = onRefused
  }

  delivered({ open, row }: RowPlace, pending: PendingOutput): void {
    const { output, entry } = pending
    const counts = this.#countsOf(output.syncName)
    counts.data_points += pointsOf(open, { row, entry, output, events: 1 })
    if (output.kind === 'event') counts.events++
    else if (output.kind !== 'cohort') counts.attributes++
    else if (saysMember(open, pending)) counts.cohort_adds++
    else counts.cohort_removals++
  }

  refused(refusal: Refusal): void {
    const { output } = refusal.pending
    this.#countsOf(output.syncName).rejected++
    this.countLetter(output.syncName)
    this.#reasons.add(refusal.code, `${output.id}: ${refusal.message}`)
    this.#onRefused(refusal)
  }

  countLetter(sync: string): void {
    this.#letters.set(sync, (this.#letters.get(sync) ?? 0) + 1)
  }

  get dataPoints(): number {
    return [...this.#bySync.values()].reduce((sum, counts) => sum + counts.data_points, 0)
  }

  /** Totals over syncs; requests are shared between them and counted once, at the top. */
  totals(): BrazeCounts {
    const total = noCounts()
    for (const counts of this.#bySync.values()) {
      for (const key of Object.keys(total) as (keyof BrazeCounts)[]) total[key] += counts[key]
    }
    return { ...total, requests: this.requests, retries: this.retries }
  }

  lettersOf(sync: string | null): number {
    if (sync !== null) return this.#letters.get(sync) ?? 0
    return [...this.#letters.values()].reduce((sum, count) => sum + count, 0)
  }

  of(sync: string): BrazeCounts {
    return this.#countsOf(sync)
  }

  #countsOf(sync: string): Mutable<BrazeCounts> {
    let counts = this.#bySync.get(sync)
    if (counts === undefined) {
      counts = noCounts()
      this.#bySync.set(sync, counts)
    }
    return counts
  }
}

/** What the report says beside the counts. */
export interface ReportFacts {
  readonly environment: string
  readonly run: number
  readonly status: Report['status']
  readonly users: Report['users']
  readonly recovered: Report['recovered']
  /** What was planned; what is not delivered of it is pending. */
  readonly planned: PlanSummary
  readonly seconds: number
  /** Reasons of refusals, and of what is reported though nothing failed. */
  readonly reasons: readonly Reasons[]
}

/** Adds everything up. */
export function makeReport(program: RunProgram, folders: readonly Folder[], tally: RunCounters, facts: ReportFacts): Report {
  const names = program.fold.syncs.map(({ name }) => name)
  const totals = folders.map(({ totals: counts }) => counts)
  const bySync = new Map<string, ClassCounts[]>()
  for (const folder of folders)
    folder.program.syncs.forEach(({ name }, index) => bySync.set(name, [...(bySync.get(name) ?? []), folder.counts[index]]))
  const { environment, run, status, users, recovered, planned, seconds, reasons } = facts
  return {
    version: 1,
    sync: names.length === 1 ? names[0] : '*',
    environment,
    run,
    status,
    users,
    ...countsOf(totals, planned.undone),
    braze: withPending(tally.totals(), planned, null),
    dead_letters: tally.lettersOf(null),
    reasons: merged([...folders.map((folder) => folder.reasons), ...reasons]),
    unmapped: merged(folders.map(({ unmapped }) => unmapped)).map(({ code, count }) => ({ key: code, count })),
    recovered: { repeated: recovered.repeated, skipped: recovered.skipped, verified: recovered.verified },
    seconds,
    syncs: names.map((sync): SyncReport => ({
      sync,
      ...countsOf(bySync.get(sync) ?? [], 0),
      braze: withPending(tally.of(sync), planned, sync),
      dead_letters: tally.lettersOf(sync),
    })),
  }
}

/** Planned, and neither delivered nor refused. @param sync - null for all */
function withPending(counts: BrazeCounts, planned: PlanSummary, sync: string | null): BrazeCounts {
  const mappings = [...planned.mappings.values()].filter((mapping) => sync === null || mapping.sync === sync)
  const wanted = mappings.reduce(
    (sum, one) => sum + one.new + one.changed + one.unset + one.events + one.cohortAdds + one.cohortRemovals,
    0,
  )
  const ended = counts.attributes + counts.events + counts.cohort_adds + counts.cohort_removals + counts.rejected
  return { ...counts, pending: Math.max(0, wanted - ended) }
}

function countsOf(counts: readonly ClassCounts[], undone: number): Pick<SyncReport, 'records' | 'values'> {
  const add = (of: 'records' | 'values', number: number) => counts.reduce((sum, one) => sum + one[of][number], 0)
  const classes = (of: 'records' | 'values') => Object.fromEntries(CLASS_NAMES.map((name, number) => [name, add(of, number)]))
  const records = classes('records') as Omit<SyncReport['records'], 'read'>
  const values = classes('values') as Omit<SyncReport['values'], 'read' | 'superseded'>
  return {
    records: {
      read: sumOf(records),
      changed: records.changed,
      unchanged: records.unchanged,
      duplicate: records.duplicate,
      stale: records.stale,
      unmapped: records.unmapped,
      skipped: records.skipped,
      rejected: records.rejected,
    },
    values: { read: sumOf(values), ...values, superseded: counts.reduce((sum, one) => sum + one.superseded, 0) + undone },
  }
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function merged(lists: readonly Reasons[]): { code: string; count: number; example: string }[] {
  const all = new Map<string, { code: string; count: number; example: string }>()
  for (const reason of lists.flatMap((list) => list.list())) {
    const known = all.get(reason.code)
    if (known === undefined) all.set(reason.code, { ...reason })
    else known.count += reason.count
  }
  return [...all.values()].sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))
}
