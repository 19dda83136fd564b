import { readMappingId } from '@engage-sync/core'
import type { MappingRecord } from '@engage-sync/core'
import type { RunKind } from '../request/index.ts'
import type { ResolvedMappings } from './resolve.ts'

type Unselected = Pick<RunKind, 'unselected'>

/** Sources whose positions a run moves: not those that syncs it leaves out read, too. */
export function ownSources(
  { programs }: Pick<ResolvedMappings, 'programs'>,
  { unselected }: Unselected,
): readonly string[] {
  const others = new Set(unselected.map(({ source }) => source))
  return [...programs.keys()].filter((source) => !others.has(source))
}

/**
 * Mappings that miss what a run reads: those of syncs that are neither in it nor left out for now.
 */
export function missedMappings(
  { needsReplay }: Pick<ResolvedMappings, 'needsReplay'>,
  { unselected }: Unselected,
): readonly MappingRecord[] {
  const others = new Set(unselected.map(({ name }) => name))
  return needsReplay.filter(({ id }) => !others.has(readMappingId(id).sync))
}
