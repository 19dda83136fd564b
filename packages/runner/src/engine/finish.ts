import type {
  DeadLetter,
  DroppedCause,
  GuardStop,
  PlanSummary,
  Reasons,
  Report,
} from '@engage-sync/core'
import { causeOf, INTERRUPTED } from '../process/cause.ts'
import { killPoint } from '../process/kill-points.ts'
import { unreportedRecovery } from '../state/values/values.ts'
import { collectDeferred } from './deferred/index.ts'
import type { Delivered, RoundsEnded } from './delivery/index.ts'
import { clearedSends } from './durable/index.ts'
import type { Committer, HeldLease } from './durable/index.ts'
import { causeOfStops } from './guards/index.ts'
import {
  keptSyncOptions,
  missedMappings,
  ownSources,
  recordsAfter,
  retiredValues,
} from './mappings/index.ts'
import type { MappingChanges } from './mappings/index.ts'
import { mappingReports } from './mapping-reports.ts'
import type { OpenRun } from './open.ts'
import type { DueTimes } from './partitions/index.ts'
import type { Planned, SourceFold } from './reading/index.ts'
import { makeReport } from './report.ts'
import type { DeliveredSum, RunCounters } from './run-counters.ts'
import type { EngineOptions } from './request/index.ts'
import type { RunJournal } from './run-journal.ts'

/** How a run ended. */
export interface RunResult {
  readonly report: Report
  readonly summary: PlanSummary
  readonly delivered: DeliveredSum
  readonly changes: MappingChanges
  /** Guards that stopped it; nothing was sent then. */
  readonly stops: readonly GuardStop[]
  /** The error that ended it early, after what could be kept was committed; null when none did. */
  readonly failure: unknown
  /** The sources go on after what was read: all of it was delivered or refused, or waits durably. */
  readonly goesOn: boolean
}

/** What a run did, and where it is written down. */
export interface RunEnd {
  readonly lease: HeldLease
  readonly journal: RunJournal
  readonly committer: Committer
  readonly counters: RunCounters
  readonly refusals: Reasons
  readonly fold: SourceFold
  readonly planned: Planned
  readonly due: DueTimes
  readonly stops: readonly GuardStop[]
  readonly delivered: Delivered
  readonly rounds: RoundsEnded
}

/** Where the last commit of a run is made, and what it is about. */
type EndedBooks = Pick<RunEnd, 'lease' | 'journal' | 'committer' | 'fold' | 'due'> & {
  readonly planned: Pick<Planned, 'positions'>
}

/** What is committed last. */
interface LastCommit {
  readonly report: Report
  /** Everything planned was delivered or refused, and nothing ended the run early. */
  readonly isWhole: boolean
  /** What becomes durable when the sources go on, users who wait among it; null when they must not go on. */
  readonly later: readonly DeadLetter[] | null
}

/** Ends a run: finds the records of users who wait, reports, and makes durable what its kind commits at the end. */
export async function finishRun(
  options: EngineOptions,
  open: OpenRun,
  end: RunEnd,
): Promise<RunResult> {
  const { delivered, committer, planned, stops } = end
  const isWhole = delivered.isComplete && delivered.failure === null && !options.signal.aborted
  const later = await laterLetters(options, open, end)
  // What ended some parts is no failure once a later try delivered them.
  const ofParts = isWhole ? null : end.counters.failure
  const failure = delivered.failure ?? committer.failure ?? ofParts
  const { requests } = end.counters.totals()
  const { only_existing: onlyExisting } = planned.summary.users
  const isPart = options.part !== undefined
  const dropped = isPart ? [] : await droppedOf(options, { requests, onlyExisting })
  const mappings = await mappingsOf(options, open, end)
  const report = reportOf(options, open, { ...end, isWhole, failure, dropped, mappings })
  const canGoOn = later !== null && committer.failure === null
  const { ends = async () => canGoOn } = options.part ?? {}
  const goesOn = await ends({ report, isWhole, goesOn: canGoOn, failure })
  if (committer.failure === null)
    await commitEnd(options, open, { ...end, report, isWhole, later: goesOn ? later : null })
  else await end.journal.recordEnd(end.lease, report)
  options.observe({ type: 'finished' })
  return {
    report,
    changes: open.mappings.changes,
    summary: planned.summary,
    delivered: end.counters.deliveredSum,
    stops,
    failure,
    goesOn,
  }
}

async function laterLetters(
  options: EngineOptions,
  open: OpenRun,
  end: RunEnd,
): Promise<readonly DeadLetter[] | null> {
  const { signal, createDecoder } = options
  const { delivered, committer, fold, counters } = end
  const { unfinished, letters } = delivered
  if (unfinished === null || signal.aborted || committer.failure !== null) return null
  const finder = { rows: open.partitions.rows, createDecoder, signal }
  const found = await collectDeferred(finder, unfinished, {
    ranges: fold.ranges,
    before: open.deferred.ended,
  })
  if (found === null || signal.aborted) return null
  const frozen = open.frozen.takeKept(open.deferred.ended)
  if (frozen === null) return null
  const waiting = [...found.letters(open.letters), ...frozen.letters(open.letters)]
  for (const { sync } of letters) counters.countLetter(sync)
  for (const { code, message } of waiting) open.reasons.add(code, message)
  return [...letters, ...waiting]
}

/** An end, and what brought it. */
interface Ended extends RunEnd, Pick<LastCommit, 'isWhole'> {
  readonly failure: unknown
  readonly dropped: readonly DroppedCause[]
  readonly mappings: Report['mappings']
}

/** What became of each mapping; where the state cannot be read any more, the run ends all the same. */
async function mappingsOf(
  options: EngineOptions,
  open: OpenRun,
  { counters, planned: { summary } }: RunEnd,
): Promise<Report['mappings']> {
  return mappingReports(options, open, { summary, counters }).catch(() => undefined)
}

/** What a destination for trials did not keep; where it cannot say, the run ends all the same. */
export async function droppedOf(
  { destination, signal }: Pick<EngineOptions, 'destination' | 'signal'>,
  { requests, onlyExisting }: { readonly requests: number; readonly onlyExisting: number },
): Promise<readonly DroppedCause[]> {
  if (destination.dropped === undefined || signal.aborted || requests === 0) return []
  const dropped = await destination.dropped().catch(() => [])
  return withoutMeant(dropped, onlyExisting)
}

/**
 * First exits are told to those Braze has, and make nobody: that they are dropped for others is
 * what was asked for.
 */
function withoutMeant(dropped: readonly DroppedCause[], users: number): readonly DroppedCause[] {
  return dropped.flatMap((cause) => {
    if (cause.reason !== 'unknown_user' || cause.input !== 'attributes') return [cause]
    return cause.count > users ? [{ ...cause, count: cause.count - users }] : []
  })
}

function reportOf(options: EngineOptions, open: OpenRun, end: Ended): Report {
  const { planned, counters, journal, rounds, refusals, stops } = end
  const { readings, summary } = planned
  const folders = readings.map(({ folder }) => folder)
  const { mappings } = end
  const report = makeReport(
    open.mappings.program,
    { folders, tally: counters },
    {
      environment: options.environment,
      run: journal.number,
      ...causeOfEnd(options, end),
      guards: stops,
      users: summary.users,
      rounds,
      planned: summary,
      mappings,
      seconds: journal.seconds,
      reasons: [refusals, open.reasons, open.types.reasons],
    },
  )
  return withFacts(report, options, end.dropped)
}

/** A report with what is no count. */
export function withFacts(
  report: Report,
  { job = null, kind }: Pick<EngineOptions, 'job' | 'kind'>,
  dropped: readonly DroppedCause[],
): Report {
  return {
    ...report,
    ...(kind.name !== 'incremental' && { kind: kind.name }),
    ...(dropped.length > 0 && { dropped }),
    ...(job !== null && { job }),
  }
}

/** How it ended, and the one cause every output tells. */
function causeOfEnd({ signal }: EngineOptions, end: Ended): Pick<Report, 'status' | 'error'> {
  if (end.stops.length > 0) return { status: 'stopped', error: causeOfStops(end.stops) }
  if (signal.aborted) return { status: 'interrupted', error: INTERRUPTED }
  if (end.failure !== null) return { status: 'failed', error: causeOf(end.failure) }
  const { readings } = end.planned
  const hasRejected =
    readings.some(({ folder }) => folder.totals.rejected > 0) || end.counters.totals().rejected > 0
  return { status: !end.isWhole || hasRejected ? 'partial' : 'done', error: null }
}

/** The source positions move only when everything before them was delivered, refused, skipped or waits durably. */
export async function commitEnd(
  options: EngineOptions,
  open: OpenRun,
  end: EndedBooks & LastCommit,
): Promise<void> {
  const { store, kind, now } = options
  const { lease, committer, isWhole, later, report, journal } = end
  await committer.flush()
  killPoint('before-position')
  const goesOn = kind.commits.positions && later !== null
  if (isWhole) await removeRetried(options, open, lease)
  await store.commit({
    epoch: lease.current.epoch,
    positions: goesOn ? movedPositions(options, open, end.planned) : [],
    mappings: goesOn ? mappingRecords(options, open, end.fold) : [],
    values: await endValues(options, open, { ...end, goesOn }),
    deadLetters: goesOn ? later : [],
    removeDeadLetters: goesOn ? open.deferred.ended.map(({ id }) => id) : [],
    run: journal.record(report.status === 'planned' ? 'done' : report.status, report),
  })
  killPoint('after-position')
  await store.expireDeadLetters({ epoch: lease.current.epoch }, now())
  open.partitions.close()
}

async function removeRetried(
  { store }: EngineOptions,
  { retried, mappings }: OpenRun,
  lease: HeldLease,
): Promise<void> {
  await retried?.removeRest(mappings.programs, (ids) =>
    store.commit({ epoch: lease.current.epoch, removeDeadLetters: ids }),
  )
}

function movedPositions(
  { kind }: EngineOptions,
  { mappings }: OpenRun,
  { positions }: Pick<Planned, 'positions'>,
) {
  const own = new Set(ownSources(mappings, kind))
  return [...positions].flatMap(([source, position]) =>
    own.has(source) ? [{ source, position }] : [],
  )
}

function mappingRecords({ kind }: EngineOptions, { mappings }: OpenRun, fold: SourceFold) {
  return [
    ...recordsAfter(mappings, (source) => fold.isReadWhole(source)),
    ...missedMappings(mappings, kind),
  ]
}

async function endValues(
  { store, kind, syncs }: EngineOptions,
  open: OpenRun,
  end: Pick<EndedBooks, 'due'> & Pick<LastCommit, 'isWhole'> & { readonly goesOn: boolean },
) {
  const { goesOn, isWhole, due } = end
  return [
    unreportedRecovery.cleared,
    ...(goesOn ? keptSyncOptions(syncs) : []),
    ...(goesOn ? [clearedSends(open.unconfirmed, ownSources(open.mappings, kind))] : []),
    ...(isWhole || goesOn ? await due.values(store) : []),
    ...(isWhole && kind.commits.retired ? retiredValues(open.mappings.program) : []),
  ]
}
