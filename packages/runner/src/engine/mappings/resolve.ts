import {
  allotColumns,
  buildProgram,
  datedProgram,
  entryOf,
  fingerprintOf,
  joinPrograms,
  Layout,
  neededColumns,
  readMappingId,
} from '@engage-sync/core'
import type {
  Column,
  CompiledSync,
  FoldProgram,
  Json,
  MappingRecord,
  RunProgram,
  StateStore,
} from '@engage-sync/core'
import type { StoredValue } from '../../state/values/named-value.ts'
import { encodeAbout } from '../../state/values/mapping-about.ts'
import { columnRegistry } from '../../state/values/values.ts'
import { changedMappings } from './change-details.ts'
import type { ChangedMapping } from './change-details.ts'
import { changedSyncs } from './changed-syncs.ts'
import type { ChangedSync } from './changed-syncs.ts'
import { keepCohortIds } from './cohort-ids.ts'
import { leftBehind } from './left-behind.ts'
import type { LeftBehind } from './left-behind.ts'
import { movedColumns } from './moved-columns.ts'
import { retiredColumns } from './retire.ts'
import {
  BEHIND,
  changesOf,
  oursAmong,
  movesToMake,
  trackedMappings,
  UNFINISHED,
} from './tracked-mapping.ts'
import type { MappingChanges, TrackedMapping } from './tracked-mapping.ts'

/** The syncs of a run with their place in the state. */
export interface ResolvedMappings {
  readonly layout: Layout
  readonly registry: readonly Column[]
  /** By source name. */
  readonly programs: ReadonlyMap<string, FoldProgram>
  readonly program: RunProgram
  readonly units: readonly TrackedMapping[]
  /** What the state knows of the mappings once the run has begun: births, but nothing finished. */
  readonly begun: readonly MappingRecord[]
  /** What it knows once the run is whole. */
  readonly records: readonly MappingRecord[]
  readonly changes: MappingChanges
  /** The same as what each was and is. */
  readonly changed: readonly ChangedMapping[]
  /** Syncs that are set otherwise than when a run of them was last whole. */
  readonly changedSyncs: readonly ChangedSync[]
  /** What nothing fills any more. */
  readonly left: readonly LeftBehind[]
  /** Ids born with this run, or with an earlier one that never ended. */
  readonly bornNow: ReadonlySet<string>
  /**
   * Mappings of syncs that are not there, disabled ones above all: when they come back, their
   * history is read again.
   */
  readonly needsReplay: readonly MappingRecord[]
  /** Sources whose history must be read again, with the mappings that need it. */
  readonly history: ReadonlyMap<string, readonly string[]>
  /**
   * Mappings and segments that did not fold all of the history as they are now: where it is read,
   * it is read for them.
   */
  readonly unread: ReadonlySet<string>
  /** Values that must become durable with the registry. */
  readonly values: readonly StoredValue[]
}

/** How mappings are resolved. */
interface ResolveOptions {
  readonly nowMs: number
  readonly bornMs?: number | undefined
  readonly configured?: readonly string[] | undefined
}

/**
 * Compares the compiled syncs with the state, and gives every slot its column.
 *
 * @param how - `nowMs`: birth of what is new, unless `bornMs` says another; `configured`: names of all syncs of the
 *   configuration, where those deleted from it are to be told
 */
export async function resolveMappings(
  store: StateStore,
  given: readonly CompiledSync[],
  how: ResolveOptions,
): Promise<ResolvedMappings> {
  const { nowMs, bornMs = nowMs, configured } = how
  const known = new Map((await store.mappings()).map((record) => [record.id, record]))
  const moves = movesToMake(given, known)
  const { syncs, values: cohortValues } = await keepCohortIds(store, given, moves)
  const units = syncs.flatMap(trackedMappings)
  const isOurs = oursAmong(syncs, configured)
  const changes = changesOf({ units, known, moves, syncs, isOurs })
  const stored = await columnRegistry.read(store)
  const registry = allotColumns(movedColumns(stored, syncs, moves), neededColumns(syncs))
  const layout = new Layout(registry)
  const records = units.map((unit) => recordOf(unit, { known, changes, layout, nowMs: bornMs }))
  const births = new Map(
    records.flatMap(
      (record) => [[record.id, record.bornAt], ...Object.entries(record.slotBirths ?? {})] as const,
    ),
  )
  const programs = new Map(
    [...groupBySource(syncs)].map(([source, group]) => [
      source,
      datedProgram(buildProgram(group, layout, births), nowMs),
    ]),
  )
  const gone = [...moves.map(({ from }) => from), ...changes.retired].map((id) => ({
    ...entryOf(known, id),
    active: false,
  }))
  const bornNow = new Set(changes.added)
  const program = joinPrograms([...programs.values()], await retiredColumns(store, syncs, layout))
  const readAs = new Map(records.map((record) => [record.id, record.readAs]))
  return {
    layout,
    registry,
    programs,
    program,
    units,
    begun: records
      .filter(({ id }) => bornNow.has(id))
      .map((record) => ({ ...record, fingerprint: UNFINISHED })),
    records: [...records, ...gone, ...changes.orphaned.map(needingReplay)],
    needsReplay: replayedWhenBack(known, syncs),
    changes,
    changed: changedMappings(units, known, changes),
    changedSyncs: await changedSyncs(store, syncs),
    left: await leftBehind(store, { syncs, registry, program, isOurs }),
    bornNow,
    history: historyOf(units, changes),
    unread: new Set(
      units.filter((unit) => readAs.get(unit.id) !== readAsOf(unit)).map(({ id }) => id),
    ),
    values: [columnRegistry.stored(registry), ...cohortValues],
  }
}

/**
 * The records of a run that is whole.
 *
 * @param isReadWhole - whether a source was read from its beginning, at least for those that needed
 *   it
 */
export function recordsAfter(
  { records, units }: ResolvedMappings,
  isReadWhole: (source: string) => boolean,
): readonly MappingRecord[] {
  const whole = new Map(
    units.filter(({ sync }) => isReadWhole(sync.source)).map((unit) => [unit.id, readAsOf(unit)]),
  )
  return records.map((record) => ({ ...record, readAs: whole.get(record.id) ?? record.readAs }))
}

/** What decides which records a mapping's sync finds, and whose they are. */
function readAsOf({ sync: { source, timeField, identity, trust } }: TrackedMapping): string {
  // What is trusted by default is no part of it: a newer version reads nothing again.
  const more = (['unmarked', 'deletes', 'client'] as const).filter((kind) => trust?.[kind] === true)
  return fingerprintOf([
    source,
    timeField,
    identity as unknown as Json,
    ...(more.length === 0 ? [] : [{ trust: more }]),
  ])
}

/** A mapping nobody folds any more misses what comes from now on. */
function needingReplay(record: MappingRecord): MappingRecord {
  return { ...record, fingerprint: BEHIND, readAs: undefined }
}

function replayedWhenBack(
  known: ReadonlyMap<string, MappingRecord>,
  syncs: readonly CompiledSync[],
): readonly MappingRecord[] {
  const names = new Set(syncs.map(({ name }) => name))
  return [...known.values()]
    .filter(
      ({ id, active, fingerprint }) =>
        active && fingerprint !== BEHIND && !names.has(readMappingId(id).sync),
    )
    .map(needingReplay)
}

function recordOf(
  unit: TrackedMapping,
  context: {
    known: ReadonlyMap<string, MappingRecord>
    changes: MappingChanges
    layout: Layout
    nowMs: number
  },
): MappingRecord {
  const { known, changes, layout, nowMs } = context
  const movedFrom = changes.moved.find(({ to }) => to === unit.id)?.from
  const before = movedFrom === undefined ? known.get(unit.id) : known.get(movedFrom)
  const isAlive = before?.active === true
  const { added, changed, renamed } = changes
  const isTouched = [added, changed, renamed].some((ids) => ids.includes(unit.id))
  const slots = Object.fromEntries(unit.slots.map((id) => [id, layout.find(id)?.number ?? -1]))
  return {
    id: unit.id,
    fingerprint: unit.fingerprint,
    bornAt: isAlive ? before.bornAt : nowMs,
    slots,
    readAs: isTouched ? undefined : before?.readAs,
    slotBirths: isAlive ? slotBirths(unit, { ...before, id: movedFrom ?? unit.id }, nowMs) : {},
    active: true,
    about: encodeAbout(unit.about),
  }
}

/** An encoding added to a mapping is born later than the mapping. */
function slotBirths(
  unit: TrackedMapping,
  before: MappingRecord,
  nowMs: number,
): Readonly<Record<string, number>> {
  const births: Record<string, number> = {}
  for (const id of unit.slots) {
    const former = before.id + id.slice(unit.id.length)
    const birth = Object.hasOwn(before.slots, former) ? before.slotBirths?.[former] : nowMs
    if (birth !== undefined) births[id] = birth
  }
  return births
}

function groupBySource(syncs: readonly CompiledSync[]): Map<string, CompiledSync[]> {
  const groups = new Map<string, CompiledSync[]>()
  for (const sync of syncs) {
    const group = groups.get(sync.source)
    if (group === undefined) groups.set(sync.source, [sync])
    else group.push(sync)
  }
  return groups
}

/**
 * New mappings need history to be backfilled, changed ones to be brought in line; segments to know
 * where users stand; and renamed ones, since it may already hold records in their new name.
 */
function historyOf(
  units: readonly TrackedMapping[],
  changes: MappingChanges,
): ReadonlyMap<string, readonly string[]> {
  const touched = new Set([...changes.added, ...changes.changed])
  const renamed = new Set(changes.renamed)
  const history = new Map<string, string[]>()
  for (const unit of units) {
    const isNeeded = touched.has(unit.id) && (unit.backfill || unit.isSegment)
    if (!isNeeded && !renamed.has(unit.id)) continue
    const ids = history.get(unit.sync.source)
    if (ids === undefined) history.set(unit.sync.source, [unit.id])
    else ids.push(unit.id)
  }
  return history
}
