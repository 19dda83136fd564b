import { readMappingId } from '@engage-sync/core'
import type { MappingReport, Report, RunRecord } from '@engage-sync/core'
import type { SyncOverview, UnitOverview } from '../../syncs/sync-overview.ts'
import { storedReport } from '../end.ts'

/** What the page of a run is made of. */
export interface RunPage {
  readonly run: RunRecord
  readonly environment: string
  /** Runs before it, the latest first. */
  readonly earlier: readonly RunRecord[]
  /** The configuration as it is today: names and owners come from it. */
  readonly syncs: readonly SyncOverview[]
  /** Of the guard; null without one. */
  readonly maxDataPoints: number | null
}

/** A mapping's part of a run, and what people know it by. */
export interface MappingRow extends MappingReport {
  /** `traits`, `audiences`, `enrichment` or `segments`. */
  readonly section: string
  /** In Braze: its cohort, attribute or event; its key where it is not configured any more. */
  readonly name: string
  readonly owner: string | null
  /** Where it goes: `attribute`, `event`, `cohort`. */
  readonly ways: readonly string[]
}

/** Each mapping of which something was planned; none of an older report. */
export function mappingRows(
  { mappings = [] }: Pick<Report, 'mappings'>,
  syncs: readonly SyncOverview[],
): readonly MappingRow[] {
  const known = new Map(
    syncs.flatMap(({ owner, mappings: units }) =>
      units.map((unit) => [unit.id, { owner, unit }] as const),
    ),
  )
  return mappings.map((one) => {
    const { section, key } = readMappingId(one.mapping)
    const found = known.get(one.mapping)
    return {
      ...one,
      section,
      name: found === undefined ? key : nameInBraze(found.unit),
      owner: found?.owner ?? null,
      ways: found === undefined ? [] : waysOf(found.unit),
    }
  })
}

/** What people in Braze know a mapping by. */
function nameInBraze({ cohort, attribute, events, key }: UnitOverview): string {
  return cohort ?? attribute ?? events[0] ?? key
}

/** The same by id; of what is not configured any more, the id. */
export function namesInBraze(syncs: readonly SyncOverview[]): (mapping: string) => string {
  const names = new Map(
    syncs.flatMap(({ mappings }) => mappings.map((unit) => [unit.id, nameInBraze(unit)] as const)),
  )
  return (mapping) => names.get(mapping) ?? mapping
}

function waysOf({
  attribute,
  events,
  cohort,
  subscription_group: group,
}: UnitOverview): readonly string[] {
  return [
    ...(attribute === null ? [] : ['attribute']),
    ...(events.length === 0 ? [] : ['event']),
    ...(cohort === null ? [] : ['cohort']),
    ...(group === null ? [] : ['subscription group']),
  ]
}

/** A run of the history with its report. */
export interface ReportedRun {
  readonly run: RunRecord
  readonly report: Report
}

/** The runs that have a report, in the order they came. */
export function reportedRuns(runs: readonly RunRecord[]): readonly ReportedRun[] {
  return runs.flatMap((run) => {
    const report = storedReport(run)
    return report === null ? [] : [{ run, report }]
  })
}

/** Runs that a trend is drawn of, this one among them. */
const MOST_DRAWN = 20

/** This run and those before it that have a report, oldest first: what a trend is drawn of. */
export function recentRuns({ run, earlier }: RunPage): readonly ReportedRun[] {
  return reportedRuns([run, ...earlier.slice(0, MOST_DRAWN * 2)])
    .slice(0, MOST_DRAWN)
    .toReversed()
}

/** Users whose values or memberships a run changed; none of one that guards stopped. */
export function changedUsers({ status, users }: Report): number {
  return status === 'stopped' ? 0 : users.changed
}

/** Data points of a calendar month in UTC, as far as it went. */
export interface MonthToDate {
  /** `2026-03`. */
  readonly month: string
  readonly dataPoints: number
  readonly runs: number
}

/** What this run and those before it in its month cost together. */
export function monthToDate({ run, earlier }: Pick<RunPage, 'run' | 'earlier'>): MonthToDate {
  const month = run.startedAt.slice(0, 7)
  const own = reportedRuns([run, ...earlier]).filter(({ run: one }) =>
    one.startedAt.startsWith(month),
  )
  const dataPoints = own.reduce((sum, { report }) => sum + report.braze.data_points, 0)
  return { month, dataPoints, runs: own.length }
}
