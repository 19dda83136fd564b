import { userOfRow } from '@engage-sync/core'
import type { GuardStop, OpenPartition, PlanSummary, Report, RowUpdate } from '@engage-sync/core'
import { cohortKey, cohortsOf } from './cohorts.ts'
import { expectationOf } from './expectation.ts'
import type { PlanExpectation } from './expectation.ts'
import { SourceFold } from './fold-sources.ts'
import { guardRun } from './guard.ts'
import { closePartitions, openSession } from './open-session.ts'
import type { EngineOptions } from './options.ts'
import { planPasses } from './plan-passes.ts'
import { NOTHING_RECOVERED } from './recovery.ts'
import { makeReport, Tally } from './tally.ts'
import type { MappingChanges } from './units.ts'

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
  /** A few users per mapping, by shortened identifier, and what they would get; no values. */
  readonly samples: readonly PlanSample[]
  /** Users Segment asked to forget. */
  readonly deletions: number
  /** Requests of an earlier run whose outcome is not known; the run would decide them first. */
  readonly openMarks: number
}

/** One user of a plan, redacted. */
export interface PlanSample {
  readonly user: string
  readonly attributes: readonly string[]
  readonly events: readonly string[]
  readonly memberships: readonly { readonly cohort: string; readonly member: boolean }[]
  /** Mapping and segment ids behind them. */
  readonly mappings: readonly string[]
}

/** Users shown per mapping. */
const SAMPLES_PER_MAPPING = 3

/**
 * Reads and folds as a run would, and says what the run would send. Takes no lease, commits nothing, sends nothing.
 *
 * @throws {SyncError} `STATE_…`, `SOURCE_…`
 */
export async function planRun(options: EngineOptions): Promise<PlanResult> {
  const { store, destination } = options
  const startedAt = performance.now()
  const version = (await store.nextRunNumber()) - 1
  const session = await openSession(options, { nowMs: options.now(), run: version + 1 })
  const { prepared, nowMs, reasons } = session
  const fold = new SourceFold(session, await store.positions())
  const samples = new Samples()
  const packer = destination.createPacker()
  let requests = 0
  const planned = await planPasses(session, fold, {
    digest: true,
    onRow: ({ open, row, update }) => {
      samples.note(open, row, update)
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
      new Tally(reasons, () => undefined),
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
    samples: samples.list,
    deletions,
    openMarks: (await store.openMarks()).length,
  }
}

async function cohortChanges(
  { store }: EngineOptions,
  program: Parameters<typeof cohortsOf>[0],
  nowMs: number,
): Promise<PlanResult['cohorts']> {
  const known = await store.values(cohortKey(''))
  const created: string[] = []
  const renamed: { from: string; to: string }[] = []
  for (const { id, name } of cohortsOf(program, nowMs)) {
    const before = known.get(cohortKey(id))
    if (before === undefined) created.push(name)
    else if (before !== name) renamed.push({ from: String(before), to: name })
  }
  return { created, renamed }
}

/** Gathers a few users for each mapping. */
class Samples {
  readonly list: PlanSample[] = []
  readonly #taken = new Map<string, number>()

  note(open: OpenPartition, row: number, update: RowUpdate): void {
    const entries = [...update.attributeEntries, ...update.eventEntries, ...update.membershipEntries]
    const mappings = [...new Set(entries.map(({ output }) => output.id))]
    if (!mappings.some((id) => (this.#taken.get(id) ?? 0) < SAMPLES_PER_MAPPING)) return
    for (const id of mappings) this.#taken.set(id, (this.#taken.get(id) ?? 0) + 1)
    this.list.push({
      user: shortened(open.rows.idText(row).split('\u0000').at(-1)!),
      attributes: update.attributeNames,
      events: update.eventEntries.map(({ name }) => name),
      memberships: update.memberships.map(({ member, ref }) => ({ cohort: update.membershipEntries[ref].output.cohort!.name, member })),
      mappings,
    })
  }
}

/** Enough of an identifier to recognise it by, not enough to know it. */
function shortened(id: string): string {
  return id.length <= 4 ? '…' : `${id.slice(0, 2)}…${id.slice(-2)}`
}
