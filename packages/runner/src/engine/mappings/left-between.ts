import { movedSlot, readMappingId } from '@engage-sync/core'
import type { CompiledSync } from '@engage-sync/core'
import { attributeName } from './left-behind.ts'
import type { LeftBehind } from './left-behind.ts'
import { oursAmong } from './tracked-mapping.ts'
import type { Move } from './tracked-mapping.ts'

/** What one configuration fills and another does not, whoever has it. */
export type LeftBetween = Omit<LeftBehind, 'column'>

/**
 * The attributes and cohorts that nothing of the later configuration fills any more.
 *
 * Shape: in the order of the former configuration; attributes that another mapping fills under the same name are not
 * among them, nor what moved along.
 *
 * @param between - `moves`: between the two; `configured`: names of all syncs of the later one
 */
export function leftBetween(
  before: readonly CompiledSync[],
  after: readonly CompiledSync[],
  between: { readonly moves: readonly Move[]; readonly configured: readonly string[] },
): readonly LeftBetween[] {
  const used = new Set(slotsOf(after).map(({ slot }) => slot))
  const filled = new Set([...used].flatMap((slot) => attributeName(slot) ?? []))
  const retired = new Set(
    after.flatMap((sync) => sync.retire.map(({ attribute }) => `${sync.name}:${attribute}`)),
  )
  const isOurs = oursAmong(after, between.configured)
  const toMove = new Map(between.moves.map((move) => [move.from, move]))
  return slotsOf(before).flatMap(({ id, slot, cohort }): readonly LeftBetween[] => {
    const move = toMove.get(id)
    const { sync } = readMappingId(id)
    if (used.has(move === undefined ? slot : movedSlot(slot, move)) || !isOurs(sync)) return []
    if (cohort !== null) return [{ mapping: id, kind: 'cohort', name: cohort, isRetired: false }]
    const name = attributeName(slot)
    if (name === null) return []
    const isRetired = retired.has(`${sync}:${name}`)
    return isRetired || !filled.has(name)
      ? [{ mapping: id, kind: 'attribute', name, isRetired }]
      : []
  })
}

function slotsOf(syncs: readonly CompiledSync[]): readonly {
  readonly id: string
  readonly slot: string
  /** The cohort's name, of a slot that holds its members. */
  readonly cohort: string | null
}[] {
  const units = syncs.flatMap(({ mappings, segments }) => [...mappings, ...segments])
  return units.flatMap(({ id, encodings }) =>
    encodings.map((encoding) => ({
      id,
      slot: encoding.slotId,
      cohort: encoding.kind === 'cohort' ? encoding.name : null,
    })),
  )
}
