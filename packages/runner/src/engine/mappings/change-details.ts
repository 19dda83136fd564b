import type { CompiledSync, MappingRecord } from '@engage-sync/core'
import { decodeAbout, encodeAbout } from '../../state/values/mapping-about.ts'
import type { MappingAbout } from '../../state/values/mapping-about.ts'
import { BEHIND, changesOf, movesToMake, oursAmong, trackedMappings } from './tracked-mapping.ts'
import type { MappingChanges, TrackedMapping } from './tracked-mapping.ts'

/** A mapping that is new, or not what it was: before and after. */
export interface ChangedMapping {
  readonly kind: 'added' | 'changed' | 'moved'
  readonly id: string
  /** The id it had; null unless it was moved. */
  readonly from: string | null
  /** Null for a new one. */
  readonly before: MappingAbout | null
  readonly after: MappingAbout
  /** Whether runs went without it, so that its history is read again. */
  readonly wasAway: boolean
}

/**
 * What became of each mapping that is there and is not as the state knows it, in the order of the
 * configuration.
 */
export function changedMappings(
  units: readonly TrackedMapping[],
  known: ReadonlyMap<string, MappingRecord>,
  { added, changed, moved }: MappingChanges,
): readonly ChangedMapping[] {
  const isAdded = new Set(added)
  const isChanged = new Set(changed)
  const movedTo = new Map(moved.map(({ from, to }) => [to, from]))
  const aboutOf = (id: string) => decodeAbout(known.get(id)?.about ?? null)
  return units.flatMap(({ id, about: after }): readonly ChangedMapping[] => {
    const from = movedTo.get(id) ?? null
    const wasAway = known.get(from ?? id)?.fingerprint === BEHIND
    const now = { id, from, after, wasAway }
    if (isAdded.has(id)) return [{ kind: 'added', before: null, ...now, wasAway: false }]
    if (from !== null) return [{ kind: 'moved', before: aboutOf(from), ...now }]
    return isChanged.has(id) ? [{ kind: 'changed', before: aboutOf(id), ...now }] : []
  })
}

/** What became of the mappings of one configuration in another, whatever a state knows of either. */
export function changesBetween(
  before: readonly CompiledSync[],
  after: readonly CompiledSync[],
  configured?: readonly string[],
): { readonly changes: MappingChanges; readonly changed: readonly ChangedMapping[] } {
  const known = new Map(before.flatMap(trackedMappings).map((unit) => [unit.id, asKnown(unit)]))
  const units = after.flatMap(trackedMappings)
  const moves = movesToMake(after, known)
  const changes = changesOf({
    units,
    known,
    moves,
    syncs: after,
    isOurs: oursAmong(after, configured),
  })
  return { changes, changed: changedMappings(units, known, changes) }
}

function asKnown({ id, fingerprint, about }: TrackedMapping): MappingRecord {
  return { id, fingerprint, bornAt: 0, slots: {}, active: true, about: encodeAbout(about) }
}
