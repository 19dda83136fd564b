import type { Json, JsonObject } from '@engage-sync/contract'
import type { Engine } from '../engine/index.ts'

/** Counts over time: the width of a stretch, and all in which something happened. */
export function timelineView({ timeline }: Engine): JsonObject {
  return { width_ms: timeline.widthMs, buckets: timeline.buckets() as unknown as Json }
}

/**
 * Totals before the latest run and now, with the members of each cohort; `started_at` is null
 * before the first request.
 */
export function lastRunView(engine: Engine): JsonObject {
  const { before, startedAt, latestAt } = engine.lastRun
  if (before === null) return { started_at: null }
  const { members, ...totals } = before
  const { members: membersNow, ...totalsNow } = engine.totals()
  const cohorts = [...engine.workspace.cohorts.values()].map(({ id, name }) => ({
    id,
    name,
    before: members.get(id) ?? 0,
    after: membersNow.get(id) ?? 0,
  }))
  return { started_at: startedAt, latest_at: latestAt, before: totals, after: totalsNow, cohorts }
}
