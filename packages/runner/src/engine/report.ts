import type {
  BrazeCounts,
  ClassCounts,
  Folder,
  PlanSummary,
  RecordCounts,
  Reasons,
  Report,
  RunProgram,
  SyncReport,
} from '@engage-sync/core'
import { CLASS_NAMES, itemAt, rejectedOf, zip } from '@engage-sync/core'
import type { RoundsEnded } from './delivery/index.ts'
import type { RunCounters } from './run-counters.ts'

/** What the report says beside the counts. */
export interface ReportFacts {
  readonly environment: string
  readonly run: number
  readonly status: Report['status']
  readonly error: Report['error']
  readonly guards: Report['guards']
  readonly users: Report['users']
  /** What was decided of requests without an answer. */
  readonly rounds: RoundsEnded
  /** What was planned; what is not delivered of it is pending. */
  readonly planned: PlanSummary
  /**
   * Nobody waits: nothing is pending, also where something was planned several times, since it was
   * tried so often. Default false.
   */
  readonly isWhole?: boolean
  readonly mappings?: Report['mappings'] | undefined
  readonly seconds: number
  /** Reasons of refusals, and of what is reported though nothing failed. */
  readonly reasons: readonly Reasons[]
}

/** What folding one source came to. */
export type FoldCounts = Pick<Folder, 'program' | 'counts' | 'totals' | 'reasons' | 'unmapped'>

/** Records by class. */
export function recordCounts(totals: readonly ClassCounts[]): RecordCounts {
  return countsOf(totals, 0).records
}

/** Adds everything up. */
export function makeReport(
  program: RunProgram,
  { folders, tally }: { readonly folders: readonly FoldCounts[]; readonly tally: RunCounters },
  facts: ReportFacts,
): Report {
  const names = program.fold.syncs.map(({ name }) => name)
  const totals = folders.map(({ totals: counts }) => counts)
  const bySync = new Map<string, ClassCounts[]>()
  for (const folder of folders)
    for (const [{ name }, counts] of zip(folder.program.syncs, folder.counts))
      bySync.set(name, [...(bySync.get(name) ?? []), counts])
  const { environment, run, status, error, guards, users, rounds, planned, seconds, reasons } =
    facts
  const { mappings, isWhole = false } = facts
  const { recovered } = rounds
  return {
    version: 1,
    sync: names.length === 1 ? names.join() : '*',
    environment,
    run,
    status,
    error,
    guards,
    rejected: rejectedOf(totals),
    users,
    ...countsOf(totals, planned.undone),
    braze: isWhole ? endedCounts(tally, null) : withPending(tally, planned, null),
    dead_letters: tally.lettersOf(null),
    reasons: merged([...folders.map((folder) => folder.reasons), ...reasons]),
    unmapped: merged(folders.map(({ unmapped }) => unmapped)).map(({ code, count }) => ({
      key: code,
      count,
    })),
    recovered: {
      repeated: recovered.repeated,
      skipped: recovered.skipped,
      verified: recovered.verified,
    },
    ...(tally.forgotten.users > 0 && { forgotten: tally.forgotten }),
    ...(rounds.rounds > 0 && {
      rounds: {
        rounds: rounds.rounds,
        requests: rounds.requests,
        events: tally.decidedOf(null),
        seconds: rounds.seconds,
      },
    }),
    ...(mappings !== undefined && { mappings }),
    seconds,
    syncs: names.map((sync): SyncReport => ({
      sync,
      ...countsOf(bySync.get(sync) ?? [], 0),
      braze: isWhole ? endedCounts(tally, sync) : withPending(tally, planned, sync),
      dead_letters: tally.lettersOf(sync),
    })),
  }
}

/** What was delivered and refused. @param sync - null for all */
function endedCounts(tally: RunCounters, sync: string | null): BrazeCounts {
  return sync === null ? tally.totals() : tally.of(sync)
}

/**
 * Planned, and neither delivered nor refused nor decided without an answer.
 *
 * @param sync - null for all
 */
function withPending(tally: RunCounters, planned: PlanSummary, sync: string | null): BrazeCounts {
  const counts = endedCounts(tally, sync)
  const mappings = [...planned.mappings.values()].filter(
    (mapping) => sync === null || mapping.sync === sync,
  )
  const wanted = mappings.reduce(
    (sum, one) =>
      sum + one.new + one.changed + one.unset + one.events + one.cohortAdds + one.cohortRemovals,
    0,
  )
  const ended =
    counts.attributes +
    counts.events +
    counts.cohort_adds +
    counts.cohort_removals +
    counts.rejected +
    tally.decidedOf(sync)
  return { ...counts, pending: Math.max(0, wanted - ended) }
}

function countsOf(
  counts: readonly ClassCounts[],
  undone: number,
): Pick<SyncReport, 'records' | 'values'> {
  const add = (of: 'records' | 'values', number: number) =>
    counts.reduce((sum, one) => sum + itemAt(one[of], number), 0)
  const classes = (of: 'records' | 'values') =>
    Object.fromEntries(CLASS_NAMES.map((name, number) => [name, add(of, number)]))
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
    values: {
      read: sumOf(values),
      ...values,
      superseded: counts.reduce((sum, one) => sum + one.superseded, 0) + undone,
    },
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
