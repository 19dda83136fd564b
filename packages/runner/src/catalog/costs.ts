import type { RunRecord } from '@engage-sync/core'
import { storedReport } from '../output/report/end.ts'

/** What the history tells of mappings. */
export interface Costs {
  /** What the data points are of: days back, and how many runs that were. */
  readonly period: { readonly days: number; readonly runs: number }
  /** By mapping id. */
  readonly dataPoints: ReadonlyMap<string, number>
  /** After the last run that changed any. */
  readonly members: ReadonlyMap<string, number>
}

const DAY_MS = 86_400_000
/** Days that costs are added up over. */
export const COST_DAYS = 30

/**
 * Adds up what mappings cost lately.
 *
 * @param runs - the latest first
 * @param nowMs - milliseconds since the epoch
 */
export function costsOf(runs: readonly RunRecord[], nowMs: number): Costs {
  const from = nowMs - COST_DAYS * DAY_MS
  const dataPoints = new Map<string, number>()
  const members = new Map<string, number>()
  let counted = 0
  for (const run of runs) {
    const { mappings } = storedReport(run) ?? {}
    if (mappings === undefined) continue
    const isRecent = Date.parse(run.startedAt) >= from
    if (isRecent) counted++
    for (const one of mappings) {
      if (one.members !== null && !members.has(one.mapping))
        members.set(one.mapping, one.members.after)
      if (isRecent)
        dataPoints.set(one.mapping, (dataPoints.get(one.mapping) ?? 0) + one.sent.data_points)
    }
  }
  return { period: { days: COST_DAYS, runs: counted }, dataPoints, members }
}
