import { isSlotOf, movedSlot, neededColumns } from '@engage-sync/core'
import type { Column, CompiledSync } from '@engage-sync/core'
import { syncBefore } from './tracked-mapping.ts'
import type { Move } from './tracked-mapping.ts'

/**
 * The registry with the columns of moved mappings under their new ids: what they sent, and what
 * filters know of them and count of them.
 *
 * What a filter still reads under the former name stays where it is.
 */
export function movedColumns(
  registry: readonly Column[],
  syncs: readonly CompiledSync[],
  moves: readonly Move[],
): readonly Column[] {
  if (moves.length === 0) return registry
  const known = new Set(registry.map(({ id }) => id))
  const needed = new Set(neededColumns(syncs).map(({ id }) => id))
  const read = new Map(
    syncs
      .flatMap((sync) => columnsBefore(sync, moves))
      .filter(([then, now]) => !needed.has(then) && !known.has(now)),
  )
  return registry.map((column) => {
    const id = read.get(column.id)
    if (id !== undefined) return { ...column, id }
    const move = moves.find(({ from }) => isSlotOf(from, column.id))
    return move === undefined ? column : { ...column, id: movedSlot(column.id, move) }
  })
}

/** Ids of columns before the moves, and now: where names alone differ, they stand in the same order. */
function columnsBefore(
  sync: CompiledSync,
  moves: readonly Move[],
): readonly (readonly [then: string, now: string])[] {
  const former = syncBefore(sync, moves)
  if (former === null) return []
  const now = neededColumns([sync])
  return neededColumns([former]).flatMap(({ id }, index) => {
    const today = now[index]
    return today === undefined || today.id === id ? [] : [[id, today.id] as const]
  })
}
