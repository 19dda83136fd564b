import { entryOf, isAllowed, OpenRows, Planner, Reasons } from '@engage-sync/core'
import type { OpenPartition, PlanOptions, StateStore } from '@engage-sync/core'
import { deliveredTypes } from '../state/values/values.ts'
import type { UnconfirmedSends } from '../state/values/values.ts'
import { readHandovers } from '../state/values/handovers.ts'
import { streamGuards } from '../state/values/stream-guards.ts'
import { promotesAliases } from './aliases/index.ts'
import type { OpenHandover } from './aliases/index.ts'
import type { DeadLetterContext } from './dead-letters/index.ts'
import { DeferredUsers, FrozenUsers, WaitingLetters } from './deferred/index.ts'
import { AttributeTypes } from './delivery/index.ts'
import { readUnconfirmed } from './durable/index.ts'
import { refuseEmptySource, userCounts } from './guards/index.ts'
import type { RowCounts } from './guards/index.ts'
import { resolveMappings } from './mappings/index.ts'
import type { ResolvedMappings } from './mappings/index.ts'
import {
  duePartitions,
  Partitions,
  planRowMigrations,
  setTimesBack,
  timesAhead,
} from './partitions/index.ts'
import type { RowMigrations, TimesAhead } from './partitions/index.ts'
import { chooseRanges, savedPositions, SourceFold } from './reading/index.ts'
import type { CreatePlanner, ReadEnds } from './reading/index.ts'
import { WINDOW } from './request/index.ts'
import type { EngineOptions } from './request/index.ts'
import { RetriedLetters } from './retry/index.ts'

/**
 * What a run or a plan begins with: the configuration beside the state, and rows ready to be
 * opened.
 */
export interface OpenRun {
  /**
   * The run's `now`: when it started, or the plan's when it does what a plan said. Milliseconds.
   */
  readonly nowMs: number
  readonly mappings: ResolvedMappings
  readonly migrations: RowMigrations
  readonly partitions: Partitions
  /** Times an older version took and this one would not; null once they were set back. */
  readonly ahead: TimesAhead | null
  /** Users at its start: members, and who has what nothing fills any more. */
  readonly members: RowCounts
  /** Frame of the letters this run writes. */
  readonly letters: DeadLetterContext
  /** What runs that did not end may have sent. */
  readonly unconfirmed: UnconfirmedSends
  /** What is sent again instead of reading the sources; null for a run that reads them. */
  readonly retried: RetriedLetters | null
  /** What earlier runs left unfinished. */
  readonly deferred: DeferredUsers
  /** Of whom a guard of a stream holds a membership. */
  readonly frozen: FrozenUsers
  readonly waiting: WaitingLetters
  /** Types of what is delivered. */
  readonly types: AttributeTypes
  /** Of what is reported though nothing failed. */
  readonly reasons: Reasons
}

/** Rows and pending values beyond this are folded in several passes by default, bytes. */
export const DEFAULT_BUDGET_BYTES = 1e9

/**
 * Compares the configuration with the state and sets up what a run or plan works on. Commits
 * nothing.
 */
export async function openRun(
  options: EngineOptions,
  { nowMs, run }: { readonly nowMs: number; readonly run: number },
): Promise<OpenRun> {
  const { store, syncs, kind, deadLetterDays } = options
  const mappings = await resolveMappings(store, syncs, {
    nowMs,
    bornMs: options.part?.bornMs,
    configured: options.configured,
  })
  const due = new Set(kind.prepares.due ? await duePartitions(store, nowMs) : [])
  const migrations = planRowMigrations(mappings, {
    kind,
    due,
    keepValues: options.keepValues === true,
  })
  const ahead = await timesAhead(store, nowMs)
  const members = userCounts(mappings)
  const countMembers = ({ rows }: { readonly rows: Parameters<RowCounts['note']>[0] }) =>
    members.note(rows)
  const waiting = new WaitingLetters(store)
  const frozen = new FrozenUsers(mappings.program)
  const deferred = await DeferredUsers.load(waiting, {
    kind,
    sources: mappings.programs,
    frozen,
    isFrozen: await frozenGuards(options, mappings),
  })
  return {
    nowMs,
    mappings,
    migrations,
    members,
    partitions: new Partitions(store, new OpenRows(mappings.layout), {
      migrations: [
        countMembers,
        ...(ahead === null ? [] : [(open: OpenPartition) => void setTimesBack(open, ahead)]),
        ...migrations.steps,
        (open: OpenPartition) => frozen.place(open),
      ],
      kept: options.kept,
    }),
    ahead,
    letters: { run, nowMs: options.now(), days: deadLetterDays },
    unconfirmed: await readUnconfirmed(store),
    retried: await retriedLetters(store, kind),
    deferred,
    frozen,
    waiting,
    types: new AttributeTypes(mappings.program, await deliveredTypes.readAll(store)),
    reasons: new Reasons(),
  }
}

/**
 * Whether a guard of a stream holds a membership, and that is not allowed here. A window takes back
 * by and by what is held by one that is allowed.
 */
async function frozenGuards(
  { store, allow, kind }: Pick<EngineOptions, 'store' | 'allow' | 'kind'>,
  { programs }: ResolvedMappings,
): Promise<(guard: string) => boolean> {
  if (promotesAliases(programs)) return () => false
  if (kind === WINDOW) return () => true
  const { frozen } = await streamGuards.read(store)
  return (guard) => frozen.has(guard) && !isThawed(guard, allow)
}

/** Whether what was let pass covers a membership that a guard holds. */
export function isThawed(key: string, allow: readonly string[]): boolean {
  const [guard, subject = null] = key.split('=', 2)
  const [kind] = (['removals', 'additions'] as const).filter((each) => each === guard)
  return kind !== undefined && isAllowed({ guard: kind, subject, planned: 0 }, allow)
}

async function retriedLetters(
  store: StateStore,
  { letters }: EngineOptions['kind'],
): Promise<RetriedLetters | null> {
  return letters === null ? null : RetriedLetters.begin(store, letters)
}

/**
 * What reads and folds the sources of an open run.
 *
 * @param ends - where another plan of the same records ended, by source. Default: where the plan it
 *   is a run of did, if it is one
 */
export async function openSources(
  options: EngineOptions,
  open: OpenRun,
  ends: ReadEnds = plannedEnds(options, open),
): Promise<SourceFold> {
  const { store, sources, kind, guards, allow, observe } = options
  const { mappings, partitions, deferred, retried, unconfirmed, letters, reasons } = open
  const { frozen } = open
  const saved = await savedPositions(store, sources)
  return new SourceFold({
    reading: options,
    ranges: chooseRanges({
      kind,
      sources,
      mappings,
      deferred,
      retried,
      saved,
      upTo: ends,
    }),
    mappings,
    partitions,
    mustOpen: open.migrations.mustOpen,
    deferred,
    frozen,
    unconfirmed,
    handovers: await handoversFor(store),
    retried,
    saved,
    refuseEmpty: (source) => {
      if (sources.get(source)?.drains !== true) refuseEmptySource(source, guards, allow)
    },
    budgetBytes: options.memoryBudgetBytes ?? DEFAULT_BUDGET_BYTES,
    only: options.part?.partitions,
    onDelete: options.onDelete ?? new Map(),
    letters,
    onRead: (source, records) =>
      observe({ type: 'read', source: entryOf(sources, source).name, records }),
    reasons,
  })
}

/** A run does not know which of them were tried before. */
async function handoversFor(store: StateStore): Promise<readonly OpenHandover[]> {
  return (await readHandovers(store)).map((stored) => ({ ...stored, isInDoubt: true }))
}

function plannedEnds({ expect = null, part }: EngineOptions, { mappings }: OpenRun): ReadEnds {
  if (part?.upTo !== undefined) return part.upTo
  if (expect === null) return new Map()
  return new Map([...mappings.programs.keys()].map((source) => [source, expect.to[source] ?? null]))
}

type PlannedOf = Pick<OpenRun, 'mappings' | 'migrations' | 'nowMs' | 'frozen'>

/** What plans the rows of an open run. @param beside - another plan that is compared with it */
export function plannerOf(
  { mappings, migrations, nowMs, frozen }: PlannedOf,
  beside: Pick<PlanOptions, 'collects' | 'known'> = {},
): CreatePlanner {
  const { program, bornNow } = mappings
  const { frozenSegments } = migrations
  const of = { nowMs, bornNow, frozenSegments, frozenColumns: frozen }
  return (told) => new Planner(program, { ...told, ...beside, ...of })
}
