import type {
  Json,
  MappingCounts,
  MappingPlan,
  MappingReport,
  PlanSummary,
} from '@engage-sync/core'
import type { OpenRun } from './open.ts'
import type { EngineOptions } from './request/index.ts'
import type { RunCounters } from './run-counters.ts'

/** What was planned, and counted while it was sent. */
export interface Sent {
  readonly summary: PlanSummary
  readonly counters: RunCounters
}

/**
 * What became of each mapping of which something was planned. Of a part no members are told.
 *
 * @throws {SyncError} `STATE_…` where members have to be counted and cannot be
 */
export async function mappingReports(
  options: Pick<EngineOptions, 'store' | 'signal' | 'part'>,
  open: Pick<OpenRun, 'mappings' | 'members'>,
  { summary, counters }: Sent,
): Promise<readonly MappingReport[]> {
  const isPart = options.part !== undefined
  const before = isPart ? new Map<string, number>() : await membersBefore(options, open, summary)
  return [...summary.mappings.values()].map((plan) => {
    const sent = countsOf(counters.sentOf(plan.id))
    const members = before.get(plan.id)
    return {
      mapping: plan.id,
      users: plan.users,
      planned: countsOf(plan),
      sent,
      refused: counters.refusedOf(plan.id),
      members:
        members === undefined
          ? null
          : { before: members, after: members + sent.joins - sent.leaves },
    }
  })
}

function countsOf(plan: MappingPlan | null): MappingCounts {
  return {
    new: plan?.new ?? 0,
    changed: plan?.changed ?? 0,
    unset: plan?.unset ?? 0,
    events: plan?.events ?? 0,
    joins: plan?.additions ?? 0,
    leaves: plan?.removals ?? 0,
    data_points: plan?.dataPoints ?? 0,
  }
}

/** Memberships that somebody joins or leaves: their members at run start; of new ones 0. */
export async function membersBefore(
  { store, signal }: Pick<EngineOptions, 'store' | 'signal'>,
  { mappings: { bornNow }, members }: Pick<OpenRun, 'mappings' | 'members'>,
  summary: PlanSummary,
): Promise<ReadonlyMap<string, number>> {
  const moving = [...summary.mappings.values()].filter(
    ({ additions, removals }) => additions + removals > 0,
  )
  const born = moving.filter(({ id }) => bornNow.has(id))
  const wanted = moving.filter(({ id }) => !bornNow.has(id)).map(({ id }) => id)
  const found = new Map<string, number>(born.map(({ id }) => [id, 0]))
  if (wanted.length === 0) return found
  const known = members.isWhole ? null : await membersReported(store, wanted)
  if (known === null && !members.isWhole && signal.aborted) return found
  const counted = known ?? (await members.all(store))
  for (const id of wanted) found.set(id, counted.get(id) ?? 0)
  return found
}

/** How far back reports are looked through before members are counted. */
const MOST_REPORTS = 20

/**
 * Members as the reports before this run left them, so that a run of a few users need not read the
 * rows of all; null where they do not say it of each.
 */
async function membersReported(
  store: EngineOptions['store'],
  wanted: readonly string[],
): Promise<ReadonlyMap<string, number> | null> {
  const missing = new Set(wanted)
  const found = new Map<string, number>()
  for (const { status, report } of await store.runs(MOST_REPORTS)) {
    // A run that was killed may have sent something that nothing tells of.
    if (status === 'abandoned') return null
    if (status === 'running' || report === null) continue
    const told = toldMembers(report)
    if (told === null) return null
    for (const { mapping, members } of told) {
      if (members === null || !missing.delete(mapping)) continue
      found.set(mapping, members.after)
    }
    if (missing.size === 0) return found
  }
  return null
}

/** Null of an older report, which does not tell them. */
function toldMembers(report: Json): readonly Pick<MappingReport, 'mapping' | 'members'>[] | null {
  const { mappings } = report as { readonly mappings?: readonly MappingReport[] }
  return mappings ?? null
}
