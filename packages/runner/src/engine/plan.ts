import { userOfRow } from '@engage-sync/core'
import type { GuardStop, PlanSummary, Report } from '@engage-sync/core'
import { cohortsOf } from './delivery/cohorts.ts'
import { expectationOf } from './planning/plan-digest.ts'
import type { PlanExpectation } from './planning/plan-digest.ts'
import { SourceFold } from './reading/fold-sources.ts'
import { guardRun } from './guards/guard.ts'
import { closePartitions, openSession } from './open-session.ts'
import type { EngineOptions } from './request/options.ts'
import { planPasses } from './reading/passes.ts'
import type { PlanListener } from './reading/passes.ts'
import { makeReport, RunCounters } from './report.ts'
import type { MappingChanges } from './mappings/tracked-mapping.ts'
import { NOTHING_RECOVERED, cohortNames } from '../state/values/values.ts'

/** What a run would do, without doing any of it. */
export interface PlanResult {
  readonly summary: PlanSummary
  readonly changes: MappingChanges
  /** Guards that would stop the run. */
  readonly stops: readonly GuardStop[]
  /** What the sources hold; nothing was sent. */
  readonly report: Report
  /** What a run that is to do exactly this must find again. */
  readonly expectation: PlanExpectation
  /** Requests that carry attributes and events. */
  readonly requests: number
  /** Cohorts that would be created, and those that would get another name. */
  readonly cohorts: {
    readonly created: readonly string[]
    readonly renamed: readonly { readonly from: string; readonly to: string }[]
  }
  /** Users Segment asked to forget. */
  readonly deletions: number
  /** Requests of an earlier run whose outcome is not known; the run would decide them first. */
  readonly openMarks: number
}

/**
 * Reads and folds as a run would, and says what the run would send. Takes no lease, commits nothing, sends nothing.
 *
 * @param listener - told of every row that would send something; for samples
 * @throws {SyncError} `STATE_…`, `SOURCE_…`
 */
export async function planRun(options: EngineOptions, listener: PlanListener = {}): Promise<PlanResult> {
  const { store, destination } = options
  const startedAt = performance.now()
  const version = (await store.nextRunNumber()) - 1
  const session = await openSession(options, { nowMs: options.now(), run: version + 1 })
  const { prepared, nowMs, reasons } = session
  const fold = new SourceFold(session, await store.positions())
  let packer = destination.createPacker()
  let requests = 0
  const planned = await planPasses(session, fold, {
    digest: true,
    onStart: () => {
      listener.onStart?.()
      packer = destination.createPacker()
      requests = 0
    },
    onRow: (place) => {
      const { open, row, update } = place
      listener.onRow?.(place)
      requests += packer.add({ ref: row, user: userOfRow(open.rows, row), createUser: true, ...update }).length
    },
  })
  requests += packer.flush().length
  const { summary, readings, deletions } = planned
  const stops = await guardRun(session, summary, deletions)
  closePartitions(session.rows)
  return {
    summary,
    changes: prepared.changes,
    stops,
    report: makeReport(
      prepared.program,
      readings.map(({ folder }) => folder),
      new RunCounters(reasons, () => undefined),
      {
        environment: options.environment,
        run: version + 1,
        status: 'planned',
        users: summary.users,
        recovered: NOTHING_RECOVERED,
        planned: summary,
        seconds: Math.round(performance.now() - startedAt) / 1000,
        reasons: [reasons],
      },
    ),
    expectation: expectationOf({
      state: store.info.id,
      stateVersion: version,
      asOf: nowMs,
      syncs: options.syncs,
      from: fold.starts(),
      to: planned.positions,
      summary,
    }),
    requests,
    cohorts: await cohortChanges(options, prepared.program, nowMs),
    deletions,
    openMarks: (await store.openMarks()).length,
  }
}

async function cohortChanges(
  { store }: EngineOptions,
  program: Parameters<typeof cohortsOf>[0],
  nowMs: number,
): Promise<PlanResult['cohorts']> {
  const known = await cohortNames.readAll(store)
  const created: string[] = []
  const renamed: { from: string; to: string }[] = []
  for (const { id, name } of cohortsOf(program, nowMs)) {
    const before = known.get(id)
    if (before === undefined) created.push(name)
    else if (before !== name) renamed.push({ from: before, to: name })
  }
  return { created, renamed }
}
