import { allotColumns, buildProgram, joinPrograms, Layout, neededColumns, slotsOf } from '@engage-sync/core'
import type {
  Column,
  CompiledMapping,
  CompiledSegment,
  CompiledSync,
  FoldProgram,
  Json,
  MappingRecord,
  RunProgram,
  StateStore,
} from '@engage-sync/core'

/** Key of the state's column registry. */
export const REGISTRY = 'registry'

/** How today's mappings stand to those the state knows. */
export interface MappingChanges {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly moved: readonly { readonly from: string; readonly to: string }[]
  readonly retired: readonly string[]
  readonly orphaned: readonly MappingRecord[]
}

/** The syncs of a run with their place in the state. */
export interface Prepared {
  readonly layout: Layout
  readonly registry: readonly Column[]
  /** By source name. */
  readonly programs: ReadonlyMap<string, FoldProgram>
  readonly program: RunProgram
  readonly records: readonly MappingRecord[]
  readonly changes: MappingChanges
  /** Ids born with this run. */
  readonly bornNow: ReadonlySet<string>
  /** Sources whose history must be read again, with the mappings that need it. */
  readonly history: ReadonlyMap<string, readonly string[]>
}

type Unit = {
  readonly id: string
  readonly sync: CompiledSync
  readonly fingerprint: string
  readonly backfill: boolean
  readonly about: Json
  readonly slots: readonly string[]
}

/** Compares the compiled syncs with the state, and gives every slot its column. */
export async function prepare(store: StateStore, syncs: readonly CompiledSync[], startedMs: number): Promise<Prepared> {
  const known = new Map((await store.mappings()).map((record) => [record.id, record]))
  const units = syncs.flatMap(unitsOf)
  const moves = syncs.flatMap((sync) => sync.moved.map(({ from, to }) => ({ from: `${sync.name}:${from}`, to: `${sync.name}:${to}` })))
  const applied = moves.filter(({ from, to }) => known.has(from) && !known.has(to))
  const stored = ((await store.values(REGISTRY)).get(REGISTRY) ?? []) as unknown as readonly Column[]
  const registry = allotColumns(rename(stored, applied), neededColumns(syncs))
  const layout = new Layout(registry)
  const records = units.map((unit) => recordOf(unit, { known, applied, layout, startedMs }))
  const births = new Map(records.map((record) => [record.id, record.bornAt]))
  const programs = new Map([...groupBySource(syncs)].map(([source, group]) => [source, buildProgram(group, layout, births)]))
  const changes = changesOf({ units, known, applied, syncs })
  return {
    layout,
    registry,
    programs,
    program: joinPrograms([...programs.values()]),
    records,
    changes,
    bornNow: new Set(changes.added),
    history: historyOf(units, changes),
  }
}

/** What a commit must hold so that a later run finds the columns again. */
export function registryValue(registry: readonly Column[]): { readonly key: string; readonly value: Json } {
  return { key: REGISTRY, value: registry as unknown as Json }
}

function unitsOf(sync: CompiledSync): Unit[] {
  return [...sync.mappings, ...sync.segments].map((unit) => ({
    id: unit.id,
    sync,
    fingerprint: unit.fingerprint,
    backfill: unit.backfill,
    about: aboutOf(unit),
    slots: slotsOf(unit).map(({ slotId }) => slotId),
  }))
}

/** What `plan` has to say about this mapping once it is orphaned. */
function aboutOf(unit: CompiledMapping | CompiledSegment): Json {
  return {
    attribute: unit.attribute === null ? null : [unit.attribute.name, ...unit.attribute.path].join('.'),
    events: unit.event === null ? [] : [...unit.event.names],
    cohort: unit.cohort === null ? null : unit.cohort.name,
  }
}

function rename(registry: readonly Column[], moves: readonly { from: string; to: string }[]): readonly Column[] {
  if (moves.length === 0) return registry
  return registry.map((column) => {
    const move = moves.find(({ from }) => column.id.startsWith(`${from}#`))
    return move === undefined ? column : { ...column, id: move.to + column.id.slice(move.from.length) }
  })
}

function recordOf(
  unit: Unit,
  context: {
    known: ReadonlyMap<string, MappingRecord>
    applied: readonly { from: string; to: string }[]
    layout: Layout
    startedMs: number
  },
): MappingRecord {
  const { known, applied, layout, startedMs } = context
  const before = known.get(unit.id) ?? known.get(applied.find(({ to }) => to === unit.id)?.from ?? '')
  return {
    id: unit.id,
    fingerprint: unit.fingerprint,
    bornAt: before?.bornAt ?? startedMs,
    slots: Object.fromEntries(unit.slots.map((id) => [id, layout.find(id)!.number])),
    active: true,
    about: unit.about,
  }
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

function changesOf(context: {
  units: readonly Unit[]
  known: ReadonlyMap<string, MappingRecord>
  applied: readonly { from: string; to: string }[]
  syncs: readonly CompiledSync[]
}): MappingChanges {
  const { units, known, applied, syncs } = context
  const movedTo = new Set(applied.map(({ to }) => to))
  const movedFrom = new Set(applied.map(({ from }) => from))
  const present = new Set(units.map(({ id }) => id))
  const names = new Set(syncs.map(({ name }) => name))
  const retired = new Set(syncs.flatMap((sync) => sync.retire.map(({ attribute }) => `${sync.name}:${attribute}`)))
  const gone = [...known.values()].filter(
    (record) => record.active && !present.has(record.id) && !movedFrom.has(record.id) && names.has(syncOf(record.id)),
  )
  const isRetired = (record: MappingRecord) => retired.has(`${syncOf(record.id)}:${attributeOf(record)}`)
  return {
    added: units.filter(({ id }) => !known.has(id) && !movedTo.has(id)).map(({ id }) => id),
    changed: units.filter(({ id, fingerprint }) => known.has(id) && known.get(id)!.fingerprint !== fingerprint).map(({ id }) => id),
    moved: applied,
    retired: gone.filter(isRetired).map(({ id }) => id),
    orphaned: gone.filter((record) => !isRetired(record)),
  }
}

function syncOf(id: string): string {
  return id.slice(0, id.indexOf(':'))
}

function attributeOf(record: MappingRecord): string {
  const about = record.about as { attribute?: string | null }
  return about.attribute ?? ''
}

/** New mappings need history to be backfilled, changed ones to be brought in line. */
function historyOf(units: readonly Unit[], changes: MappingChanges): ReadonlyMap<string, readonly string[]> {
  const changed = new Set([...changes.added, ...changes.changed])
  const history = new Map<string, string[]>()
  for (const unit of units) {
    if (!changed.has(unit.id) || !unit.backfill) continue
    const ids = history.get(unit.sync.source)
    if (ids === undefined) history.set(unit.sync.source, [unit.id])
    else ids.push(unit.id)
  }
  return history
}
