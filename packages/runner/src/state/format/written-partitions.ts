import { SyncError } from '@engage-sync/core'
import type { SettledGroup } from './settle-group.ts'

/**
 * The partitions a worker's group writes to, each once: it must own them all.
 *
 * @throws {SyncError} `INTERNAL` for what several workers might write at once
 */
export function writtenPartitions(group: SettledGroup): readonly number[] {
  const { deltas, snapshots, merges, openMarks, positions, values, deadLetters } = group
  const named = [...openMarks, ...positions, ...values.filter(({ value }) => value !== null)].map(
    ({ partition }) => partition,
  )
  const isShared = named.includes(undefined) || group.mappings.length > 0
  if (isShared || group.removeMappings.length > 0)
    throw new SyncError('INTERNAL', 'A worker commits what is not of one partition')
  const letters = deadLetters.flatMap(({ subject }) => (subject === null ? [] : [subject]))
  const all = [...deltas, ...snapshots, ...merges, ...letters].map(({ partition }) => partition)
  return [...new Set([...all, ...named])].filter((number) => number !== undefined)
}
