import { readMappingId, userOfRow } from '@engage-sync/core'
import type {
  Destination,
  GuardStop,
  Packer,
  PlanEffect,
  PlanSummary,
  Report,
  StateStore,
} from '@engage-sync/core'
import { cohortNames } from '../state/values/values.ts'
import { cohortsOf, isReason, NOTHING_DECIDED } from './delivery/index.ts'
import { guardRun, leftName } from './guards/index.ts'
import { changesBetween, missedMappings, syncsBetween } from './mappings/index.ts'
import type { ChangedMapping, ChangedSync, LeftBehind, MappingChanges } from './mappings/index.ts'
import { DEFAULT_BUDGET_BYTES, openRun, openSources, plannerOf } from './open.ts'
import type { OpenRun } from './open.ts'
import { planBase } from './plan-base.ts'
import type { BaseOptions, BasePlan } from './plan-base.ts'
import { planPasses } from './reading/index.ts'
import type { Planned, PlanListener, SourceFold } from './reading/index.ts'
import { makeReport } from './report.ts'
import { planDigestOf } from './request/index.ts'
import type { EngineOptions, PlanDigest } from './request/index.ts'
import { RunCounters } from './run-counters.ts'

/** What a run would do, without doing any of it. */
export interface PlanResult {
  readonly summary: PlanSummary
  readonly changes: MappingChanges
  /** What each mapping that is new or changed was and is. */
  readonly changed: readonly ChangedMapping[]
  /** Syncs that are set otherwise than they were, beside their mappings. */
  readonly changedSyncs: readonly ChangedSync[]
  /** Names of syncs that run no more, though they are configured. */
  readonly pausedSyncs: readonly string[]
  /** What nothing fills any more, and how many users have it. */
  readonly left: readonly (LeftBehind & { readonly users: number })[]
  /** Members at run start, by mapping or segment id; of new ones, and where no membership changes, none are told. */
  readonly members: ReadonlyMap<string, number>
  /** The same beside another configuration; null without one. */
  readonly base: BaseComparison | null
  /** Guards that would stop the run. */
  readonly stops: readonly GuardStop[]
  /** What the sources hold; nothing was sent. */
  readonly report: Report
  /** What a run that is to do exactly this must find again. */
  readonly expectation: PlanDigest
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

/** What a configuration changes against another one, apart from what new data would do anyway. */
export interface BaseComparison extends Pick<
  PlanResult,
  'changes' | 'changed' | 'changedSyncs' | 'pausedSyncs' | 'left'
> {
  /** What is sent that the other one would not send. */
  readonly effect: PlanEffect
}

/**
 * Reads and folds as a run would, and says what the run would send. Takes no lease, commits nothing, sends nothing.
 *
 * @param listener - told of every row that would send something; for samples
 * @param base - another configuration, which is planned first and compared with
 * @throws {SyncError} `STATE_…`, `SOURCE_…`
 */
export async function planRun(
  options: EngineOptions,
  listener: PlanListener = {},
  base: BaseOptions | null = null,
): Promise<PlanResult> {
  const { store, destination } = options
  const startedAt = performance.now()
  const run = await store.nextRunNumber()
  const nowMs = options.now()
  const other = base === null ? null : await planBase(base, nowMs)
  const open = await openRun(options, { nowMs, run })
  const beside = besideOf(options, other?.updates.byteLength ?? 0)
  const fold = await openSources(beside, open, other?.ends)
  const counted = new CountedRequests(destination)
  const planned = await planPasses(fold, open.partitions, {
    createPlanner: plannerOf(open, { known: other?.updates }),
    digest: true,
    onStart: () => {
      listener.onStart?.()
      counted.restart()
      open.types.restart()
    },
    onRow: (place) => {
      listener.onRow?.(place)
      counted.add(place)
      for (const pending of place.update.attributeEntries) open.types.note(place.open, pending)
    },
  })
  const { summary, deletions } = planned
  const stops = await guardRun(options, open, planned)
  const users = await countedUsers(store, open, summary)
  open.partitions.close()
  const { mappings } = open
  const left = mappings.left.map((one) => ({ ...one, users: users.get(leftName(one)) ?? 0 }))
  return {
    summary,
    changes: mappings.changes,
    changed: mappings.changed,
    changedSyncs: mappings.changedSyncs,
    pausedSyncs: pausedAmong(
      missedMappings(mappings, options.kind).map(({ id }) => readMappingId(id).sync),
      options,
    ),
    left,
    base: other === null ? null : comparisonOf({ other, left, options, summary }),
    members: users,
    stops,
    report: reportOf(options, open, {
      planned,
      run,
      seconds: Math.round(performance.now() - startedAt) / 1000,
    }),
    expectation: expectationOf(options, open, { fold, planned }),
    requests: counted.total(),
    cohorts: await cohortChanges(store, open, options.kind.renamesCohorts),
    deletions,
    openMarks: (await store.openMarks()).length,
  }
}

/** What is kept of another plan takes its part of the memory; a quarter is left to the rows in any case. */
function besideOf(options: EngineOptions, heldBytes: number): EngineOptions {
  const budget = options.memoryBudgetBytes ?? DEFAULT_BUDGET_BYTES
  return { ...options, memoryBudgetBytes: Math.max(budget / 4, budget - heldBytes) }
}

function expectationOf(
  { store, syncs }: EngineOptions,
  { mappings, nowMs: asOf }: OpenRun,
  { fold, planned }: { readonly fold: SourceFold; readonly planned: Planned },
): PlanDigest {
  const { positions: to, summary } = planned
  return planDigestOf({
    state: store.info.id,
    columns: mappings.registry,
    asOf,
    syncs,
    from: fold.starts(),
    to,
    summary,
  })
}

interface Compared {
  readonly other: BasePlan
  readonly left: PlanResult['left']
  readonly options: Pick<EngineOptions, 'syncs' | 'configured' | 'kind'>
  readonly summary: PlanSummary
}

function comparisonOf({ other, left, options, summary }: Compared): BaseComparison {
  const effect = summary.effect ?? {
    mappings: new Map(),
    users: 0,
    keptUsers: new Map(),
    prevented: 0,
  }
  return {
    ...changesBetween(other.syncs, options.syncs, options.configured),
    changedSyncs: syncsBetween(other.former, options.syncs),
    pausedSyncs: pausedAmong(
      other.former.map(({ name }) => name),
      options,
    ),
    left: withoutThose(left, other.left),
    effect,
  }
}

/** Of syncs that ran, those that are still configured, and neither run nor left out of this run alone. */
function pausedAmong(
  ran: readonly string[],
  { syncs, kind, configured = [] }: Compared['options'],
): readonly string[] {
  const others = new Set([...syncs, ...kind.unselected].map(({ name }) => name))
  return [...new Set(ran)].filter((name) => configured.includes(name) && !others.has(name))
}

/** What this configuration leaves behind and the other one did not. */
function withoutThose<Left extends LeftBehind>(
  left: readonly Left[],
  other: readonly LeftBehind[],
): readonly Left[] {
  const told = ({ mapping, kind, name, isRetired }: LeftBehind) =>
    [mapping, kind, name, isRetired].join('\u0000')
  const before = new Set(other.map(told))
  return left.filter((one) => !before.has(told(one)))
}

/** Users are counted only where there is something to say of them: it takes the rows of everybody. */
async function countedUsers(
  store: StateStore,
  { mappings, members }: OpenRun,
  { mappings: plans }: PlanSummary,
): Promise<ReadonlyMap<string, number>> {
  const movesMembers = [...plans.values()].some(
    ({ additions, removals }) => additions + removals > 0,
  )
  const isNeeded = movesMembers || mappings.changed.length + mappings.left.length > 0
  return isNeeded ? members.all(store) : new Map()
}

/** How many requests the planned rows would be packed into. */
class CountedRequests {
  readonly #destination: Destination
  #packer: Packer
  #requests = 0

  constructor(destination: Destination) {
    this.#destination = destination
    this.#packer = destination.createPacker()
  }

  restart(): void {
    this.#packer = this.#destination.createPacker()
    this.#requests = 0
  }

  add({ open, row, update }: Parameters<NonNullable<PlanListener['onRow']>>[0]): void {
    const createUser = isReason({ open, row }, update)
    this.#requests += this.#packer.add({
      ref: row,
      user: userOfRow(open.rows, row),
      createUser,
      ...update,
    }).length
  }

  /** With the last ones, which are not full. */
  total(): number {
    return this.#requests + this.#packer.flush().length
  }
}

function reportOf(
  { environment }: EngineOptions,
  { mappings, reasons, types }: OpenRun,
  {
    planned,
    run,
    seconds,
  }: { readonly planned: Planned; readonly run: number; readonly seconds: number },
): Report {
  const { summary, readings } = planned
  const folders = readings.map(({ folder }) => folder)
  return makeReport(
    mappings.program,
    { folders, tally: new RunCounters({ reasons, types }, () => undefined) },
    {
      environment,
      run,
      status: 'planned',
      error: null,
      guards: [],
      users: summary.users,
      rounds: NOTHING_DECIDED,
      planned: summary,
      seconds,
      reasons: [reasons, types.reasons],
    },
  )
}

async function cohortChanges(
  store: StateStore,
  { mappings, nowMs }: OpenRun,
  renames: boolean,
): Promise<PlanResult['cohorts']> {
  const known = await cohortNames.readAll(store)
  const created: string[] = []
  const renamed: { from: string; to: string }[] = []
  for (const { id, name } of cohortsOf(mappings.program, nowMs)) {
    const before = known.get(id)
    if (before === undefined) created.push(name)
    else if (before !== name && renames) renamed.push({ from: before, to: name })
  }
  return { created, renamed }
}
