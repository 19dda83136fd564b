import type { WantedKey } from '@engage-sync/contract'
import type { CompiledSegment, CompiledSync } from '../mapping/compiled.ts'
import { encodingOf } from '../mapping/encoding.ts'
import {
  BITS_PER_COLUMN,
  counterId,
  instantId,
  nameCountId,
  operandId,
  MERGED_COLUMN,
  seenId,
  verdictsId,
  wantedText,
} from './program.ts'
import type { NeededColumn } from './program.ts'

/** Every column the syncs need in the registry. */
export function neededColumns(syncs: readonly CompiledSync[]): readonly NeededColumn[] {
  const needed: NeededColumn[] = []
  for (const sync of syncs) {
    needed.push({ id: seenId(sync.name), kind: 'bits' })
    for (const { encodings } of sync.mappings)
      for (const { slotId } of encodings) needed.push({ id: slotId, kind: 'slot' })
    for (const name of eventNamesOf(sync)) needed.push({ id: nameCountId(name), kind: 'count' })
    for (const segment of sync.segments) needed.push(...segmentColumns(sync, segment))
    if (sync.promote !== 'never') needed.push({ id: MERGED_COLUMN, kind: 'bits' })
  }
  return needed
}

/** Every name an event of the sync is sent under. */
export function eventNamesOf(sync: CompiledSync): readonly string[] {
  return [...sync.mappings, ...sync.segments].flatMap(
    (unit) => encodingOf(unit, 'event')?.names ?? [],
  )
}

function segmentColumns(sync: CompiledSync, segment: CompiledSegment): NeededColumn[] {
  const columns: NeededColumn[] = segment.encodings.map(({ slotId }) => ({
    id: slotId,
    kind: 'slot',
  }))
  segment.filter.leaves.forEach((leaf, index) => {
    if (leaf.type === 'event') {
      columns.push({
        id: counterId(sync.name, leaf),
        kind: leaf.withinDays === null ? 'count' : 'days',
      })
      return
    }
    columns.push({ id: operandId(sync.name, leaf.operand), kind: 'slot' })
    if (leaf.type === 'time')
      columns.push({ id: instantId(sync.name, leaf.operand), kind: 'instant' })
    else
      columns.push({ id: verdictsId(segment, Math.floor(index / BITS_PER_COLUMN)), kind: 'bits' })
  })
  return columns
}

/** All keys the syncs want, each once; `enrichment` keys last. */
export function wantedKeys(syncs: readonly CompiledSync[]): readonly WantedKey[] {
  const keys = new Map<string, WantedKey>()
  const want = (wanted: WantedKey) => {
    const text = wantedText(wanted)
    if (!keys.has(text)) keys.set(text, wanted)
  }
  for (const sync of syncs) {
    for (const mapping of sync.mappings) want(mapping.wanted)
    for (const segment of sync.segments) {
      for (const leaf of segment.filter.leaves) if (leaf.type !== 'event') want(leaf.operand)
    }
  }
  return [...keys.values()]
}
