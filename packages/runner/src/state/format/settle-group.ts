import type { CommitGroup } from '@engage-sync/core'
import { ALL_PARTITIONS, partitionIn, positionKey } from './partition-column.ts'

/** A commit group without contradictions: every list is there, and no key stands in it twice. */
export type SettledGroup = Required<Omit<CommitGroup, 'run' | 'worker'>> &
  Pick<CommitGroup, 'run' | 'worker'>

/**
 * Settles what a group says twice, so that the order in which a store writes it does not matter.
 *
 * Shape: of two things with the same key the later one stays; a mark opened and closed in one group
 * is only closed; a position of all partitions is in place of those of some.
 */
export function settleGroup(group: CommitGroup): SettledGroup {
  const closed = new Set(group.closeMarks)
  const replaced = new Set(group.snapshots?.map(({ partition }) => partition))
  const written = new Set(group.mappings?.map(({ id }) => id))
  const whole = new Set(group.positions?.flatMap((one) => (isWhole(one) ? [one.source] : [])))
  return {
    epoch: group.epoch,
    deltas: group.deltas ?? [],
    merges: lastOf(group.merges, ({ partition }) => partition).filter(
      ({ partition, deltas }) => deltas > 1 && !replaced.has(partition),
    ),
    snapshots: lastOf(group.snapshots, ({ partition }) => partition),
    openMarks: lastOf(group.openMarks, ({ id }) => id).filter(({ id }) => !closed.has(id)),
    closeMarks: [...closed],
    deadLetters: group.deadLetters ?? [],
    removeDeadLetters: group.removeDeadLetters ?? [],
    positions: lastOf(group.positions, (one) => positionKey(one.source, partitionIn(one))).filter(
      (one) => isWhole(one) || !whole.has(one.source),
    ),
    removeMappings: [...new Set(group.removeMappings)].filter((id) => !written.has(id)),
    mappings: lastOf(group.mappings, ({ id }) => id),
    values: lastOf(group.values, ({ key }) => key),
    ...(group.run === undefined ? {} : { run: group.run }),
    ...(group.worker === undefined ? {} : { worker: group.worker }),
  }
}

function isWhole(one: { readonly partition?: number }): boolean {
  return partitionIn(one) === ALL_PARTITIONS
}

function lastOf<T>(
  items: readonly T[] | undefined,
  keyOf: (item: T) => string | number,
): readonly T[] {
  if (items === undefined || items.length < 2) return items ?? []
  return [...new Map(items.map((item) => [keyOf(item), item])).values()]
}
