import {
  cohortIdOf,
  isRetired,
  isSlotOf,
  readAttributeSlot,
  readMappingId,
} from '@engage-sync/core'
import type { Column, CompiledSync, RunProgram, StateStore } from '@engage-sync/core'
import type { IsOurs } from './tracked-mapping.ts'
import { cohortNames, keptCohortIds, unsetColumns } from '../../state/values/values.ts'

/** Something a mapping once filled, and nothing fills any more. */
export interface LeftBehind {
  /** The mapping that filled it; it may be there and fill another now. */
  readonly mapping: string
  /** Column of the state that says who has it. */
  readonly column: number
  readonly kind: 'attribute' | 'cohort'
  /** In Braze; `flags[vip]` for one element of a shared array. */
  readonly name: string
  /** This run takes it from everybody. */
  readonly isRetired: boolean
}

/** What decides about it. */
interface Filled {
  readonly syncs: readonly CompiledSync[]
  readonly registry: readonly Column[]
  readonly program: RunProgram
  readonly isOurs: IsOurs
}

/**
 * The attributes and cohorts of these and of deleted syncs that the state has columns of, and no
 * mapping fills.
 *
 * Shape: in the order the columns were allotted; attributes that were unset since are not among
 * them, nor those another mapping fills under the same name.
 */
export async function leftBehind(
  store: StateStore,
  { syncs, registry, program, isOurs }: Filled,
): Promise<readonly LeftBehind[]> {
  const units = syncs.flatMap((sync) => [...sync.mappings, ...sync.segments])
  const used = new Set(units.flatMap(({ encodings }) => encodings.map(({ slotId }) => slotId)))
  const filled = new Set([...used].flatMap((slot) => attributeName(slot) ?? []))
  const left = registry.filter(({ id }) => !used.has(id) && isOurs(readMappingId(id).sync))
  if (left.length === 0) return []
  const done = await unsetColumns.readAll(store)
  const cohortName = await cohortNamer(store)
  return left.flatMap(({ id, number: column }): readonly LeftBehind[] => {
    const output = program.outputs[column]
    const retired = output !== undefined && isRetired(output)
    const attribute = readAttributeSlot(id)
    const name = attributeName(id)
    if (attribute !== null && name !== null) {
      const isThere = !done.has(String(column)) && (retired || !filled.has(name))
      return isThere
        ? [{ mapping: attribute.id, column, kind: 'attribute', name, isRetired: retired }]
        : []
    }
    const mapping = cohortMapping(id)
    return mapping === null
      ? []
      : [{ mapping, column, kind: 'cohort', name: cohortName(mapping), isRetired: false }]
  })
}

/** What an attribute's slot fills, as Braze has it; null for the slot of something else. */
export function attributeName(slot: string): string | null {
  const attribute = readAttributeSlot(slot)
  if (attribute === null) return null
  return attribute.element === null ? attribute.name : `${attribute.name}[${attribute.element}]`
}

const COHORT_SLOT = '#cohort'

function cohortMapping(slot: string): string | null {
  const mapping = slot.slice(0, -COHORT_SLOT.length)
  return slot.endsWith(COHORT_SLOT) && isSlotOf(mapping, slot) ? mapping : null
}

async function cohortNamer(store: StateStore): Promise<(mapping: string) => string> {
  const names = await cohortNames.readAll(store)
  const kept = await keptCohortIds.readAll(store)
  return (mapping) => {
    const id = kept.get(mapping) ?? cohortIdOf(readMappingId(mapping))
    return names.get(id) ?? id
  }
}
