import { PARTITIONS } from '@engage-sync/core'
import type { Folder, RawChunk } from '@engage-sync/core'
import { markUsersOfAliases } from '../aliases/merge-rows.ts'
import type { ReadParts, ReadPlace } from './fold-range.ts'

/** How a reading ended. */
export interface ReadingEnd {
  /** What its last chunk says of having read everybody. */
  readonly complete: RawChunk['complete']
  readonly folder: Folder
  readonly decoded: number
  /** Whether all that the source gave was folded. */
  readonly isWhole: boolean
}

/**
 * The event time as of which everybody is gone whom no record named; null when that is not sure.
 *
 * Only the source can say that it gave everybody. It is not believed where a record cannot be read, since nobody knows
 * whom that one named, nor where a later pass reads something else than the first, which is the one the guards judge.
 * A run for some users never asks.
 */
export function verifiedEnd({ options, reasons }: ReadParts, { first, stretch }: ReadPlace, end: ReadingEnd): number | null {
  const { complete, folder, decoded, isWhole } = end
  if (complete === undefined || options.onlyUsers !== null) return null
  if (folder.unreadable > 0) {
    reasons.addOnce(stretch.source, 'SOURCE_NOT_SWEPT', 'A record of the full pass cannot be read, so nobody is taken for gone.')
    return null
  }
  if (isWhole && (first === null || (first.goneAt === complete.time && first.decoded === decoded))) return complete.time
  reasons.addOnce(stretch.source, 'SOURCE_NOT_SWEPT', 'The source changed between two passes over it, so nobody is taken for gone.')
  return null
}

/** Folds nulls for everybody who is gone, in all partitions of the pass. False when the rows do not fit the budget. */
export async function deleteMissing(
  { partitions, onLink, withinBudget }: ReadParts,
  { folder, place, goneAt }: { readonly folder: Folder; readonly place: ReadPlace; readonly goneAt: number },
): Promise<boolean> {
  if (onLink !== null) await markUsersOfAliases(partitions)
  for (let number = 0; number < PARTITIONS; number++) {
    if (place.pass !== null && place.pass.only[number] === 0) continue
    folder.sweep(await partitions.open(number), { time: goneAt, keepsAliases: onLink !== null })
    if (!withinBudget()) return false
  }
  return true
}
