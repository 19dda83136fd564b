import { encodingOf, readMappingId } from '@engage-sync/core'
import type {
  CompiledMapping,
  CompiledSegment,
  CompiledSync,
  MappingRecord,
} from '@engage-sync/core'
import { decodeAbout } from '../../state/values/mapping-about.ts'
import type { MappingAbout } from '../../state/values/mapping-about.ts'

/** A mapping or segment as the state knows it. */
export interface TrackedMapping {
  readonly id: string
  readonly sync: CompiledSync
  readonly fingerprint: string
  readonly backfill: boolean
  readonly isSegment: boolean
  readonly about: MappingAbout
  /** Slot ids of its encodings. */
  readonly slots: readonly string[]
}

/** A mapping that got a new name. */
export interface Move {
  readonly from: string
  readonly to: string
}

/** How today's mappings stand to those the state knows. */
export interface MappingChanges {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly moved: readonly Move[]
  /** Ids of mappings and segments that only say other names: what moved, and what reads it. */
  readonly renamed: readonly string[]
  readonly retired: readonly string[]
  readonly orphaned: readonly MappingRecord[]
}

/** Fingerprint of a mapping whose first run has begun and not ended. */
export const UNFINISHED = ''

/** Of one that a run missed: no mapping has it, so that one that comes back counts as changed. */
export const BEHIND = 'behind'

/** Every mapping and segment of a sync. */
export function trackedMappings(sync: CompiledSync): readonly TrackedMapping[] {
  const segments = new Set<CompiledMapping | CompiledSegment>(sync.segments)
  return [...sync.mappings, ...sync.segments].map((unit) => ({
    id: unit.id,
    sync,
    fingerprint: unit.fingerprint,
    backfill: unit.backfill,
    isSegment: segments.has(unit),
    about: aboutOf(unit),
    slots: unit.encodings.map(({ slotId }) => slotId),
  }))
}

/** What `plan` has to say about this mapping once it is another one, or orphaned. */
function aboutOf(unit: CompiledMapping | CompiledSegment): MappingAbout {
  const attribute = encodingOf(unit, 'attribute')
  return {
    attribute: attribute === undefined ? null : [attribute.name, ...attribute.path].join('.'),
    events: encodingOf(unit, 'event')?.names ?? [],
    cohort: encodingOf(unit, 'cohort')?.name ?? null,
    options: unit.options,
  }
}

/** The moves that have not been made yet. */
export function movesToMake(
  syncs: readonly CompiledSync[],
  known: ReadonlyMap<string, MappingRecord>,
): readonly Move[] {
  const moves = syncs.flatMap((sync) =>
    sync.moved.map(({ from, to }) => ({ from: `${sync.name}:${from}`, to: `${sync.name}:${to}` })),
  )
  return moves.filter(
    ({ from, to }) => known.get(from)?.active === true && known.get(to)?.active !== true,
  )
}

/** A sync as it was before those moves that are not made yet; null where none of them is its own. */
export function syncBefore(sync: CompiledSync, moves: readonly Move[]): CompiledSync | null {
  const mine = moves.filter(({ to }) => readMappingId(to).sync === sync.name)
  if (mine.length === 0) return null
  const withoutSync = (id: string) => id.slice(sync.name.length + 1)
  return sync.before(mine.map(({ from, to }) => ({ from: withoutSync(from), to: withoutSync(to) })))
}

/** Fingerprints as they were before the moves, by today's id: what differs in names alone is no change. */
function fingerprintsBefore(
  syncs: readonly CompiledSync[],
  moves: readonly Move[],
): ReadonlyMap<string, string> {
  const unitsOf = ({ mappings, segments }: CompiledSync) => [...mappings, ...segments]
  return new Map(
    syncs.flatMap((sync) => {
      const former = syncBefore(sync, moves)
      if (former === null) return []
      const then = unitsOf(former)
      return unitsOf(sync).map(({ id, fingerprint }, index) => {
        return [id, then[index]?.fingerprint ?? fingerprint] as const
      })
    }),
  )
}

/** Whether what vanished of a sync, by its name, vanished for good. */
export type IsOurs = (sync: string) => boolean

/**
 * Syncs of a run, and those that were deleted: the state knows them, and the configuration does
 * not. One that is left out of the run, or disabled, is neither.
 *
 * @param configured - names of all syncs of the configuration; absent: nothing is taken for deleted
 */
export function oursAmong(syncs: readonly CompiledSync[], configured?: readonly string[]): IsOurs {
  const names = new Set(syncs.map(({ name }) => name))
  const others = configured === undefined ? null : new Set(configured)
  return (sync) => names.has(sync) || (others !== null && !others.has(sync))
}

/**
 * Tells added, changed, moved, retired and orphaned mappings apart.
 *
 * @param context - `isOurs`: whether the configuration decides about a sync's mappings, be it that
 *   it is in it or that it was deleted from it
 */
export function changesOf(context: {
  readonly units: readonly TrackedMapping[]
  readonly known: ReadonlyMap<string, MappingRecord>
  readonly moves: readonly Move[]
  readonly syncs: readonly CompiledSync[]
  readonly isOurs: IsOurs
}): MappingChanges {
  const { units, known, moves, syncs, isOurs } = context
  const movedTo = new Map(moves.map(({ from, to }) => [to, from]))
  const movedFrom = new Set(moves.map(({ from }) => from))
  const present = new Set(units.map(({ id }) => id))
  const retired = new Set(
    syncs.flatMap((sync) => sync.retire.map(({ attribute }) => `${sync.name}:${attribute}`)),
  )
  const gone = [...known.values()].filter(
    ({ id, active }) =>
      active && !present.has(id) && !movedFrom.has(id) && isOurs(readMappingId(id).sync),
  )
  const isRetired = ({ id, about }: MappingRecord) =>
    retired.has(`${readMappingId(id).sync}:${decodeAbout(about).attribute ?? ''}`)
  const isNew = (id: string) => isUnfinished(known.get(id)) && !movedTo.has(id)
  const before = fingerprintsBefore(syncs, moves)
  const stored = (id: string) => known.get(movedTo.get(id) ?? id)?.fingerprint
  const others = units.filter(({ id, fingerprint }) => !isNew(id) && stored(id) !== fingerprint)
  const isRenamed = ({ id }: TrackedMapping) => before.has(id) && stored(id) === before.get(id)
  return {
    added: units.filter(({ id }) => isNew(id)).map(({ id }) => id),
    changed: others.filter((unit) => !isRenamed(unit)).map(({ id }) => id),
    moved: moves,
    renamed: others.filter(isRenamed).map(({ id }) => id),
    retired: gone.filter(isRetired).map(({ id }) => id),
    orphaned: gone.filter((record) => !isRetired(record)),
  }
}

function isUnfinished(record: MappingRecord | undefined): boolean {
  return record === undefined || !record.active || record.fingerprint === UNFINISHED
}
