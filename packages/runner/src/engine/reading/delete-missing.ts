import { PARTITIONS } from '@engage-sync/core'
import type { Folder, RawChunk } from '@engage-sync/core'
import { markUsersOfAliases } from '../aliases/index.ts'
import type { Partitions } from '../partitions/index.ts'

/** How a reading ended. */
export interface ReadingEnd {
  readonly folder: Folder
  readonly decoded: number
  /** Whether all that the source gave was folded. */
  readonly isWhole: boolean
  /** How the first of several passes ended; null when this is it. */
  readonly first: { readonly goneAt: number | null; readonly decoded: number } | null
}

/**
 * As of when everybody is gone whom no record named; or why that is not believed. Both null when
 * the source says nothing.
 */
export interface VerifiedEnd {
  readonly time: number | null
  readonly reason: string | null
}

/**
 * The event time as of which everybody is gone whom no record named; null when that is not sure.
 *
 * Only the source can say that it gave everybody. It is not believed where a record cannot be read,
 * since nobody knows whom that one named, nor where a later pass reads something else than the
 * first, which is the one the guards judge.
 *
 * @param complete - what the source's last chunk says of having read everybody
 */
export function verifiedEnd(complete: RawChunk['complete'], end: ReadingEnd): VerifiedEnd {
  const { folder, decoded, isWhole, first } = end
  if (complete === undefined) return { time: null, reason: null }
  if (folder.unreadable > 0)
    return {
      time: null,
      reason: 'A record of the full pass cannot be read, so nobody is taken for gone.',
    }
  const isSame = first === null || (first.goneAt === complete.time && first.decoded === decoded)
  if (isWhole && isSame) return { time: complete.time, reason: null }
  return {
    time: null,
    reason: 'The source changed between two passes over it, so nobody is taken for gone.',
  }
}

/** How those who are gone are deleted in a pass. */
export interface Missing {
  /** Event time as of which they are gone, milliseconds. */
  readonly goneAt: number
  /** Aliases stand for users who may have been named. */
  readonly keepsAliases: boolean
  /** By partition, 1 for those of the pass; null for all. */
  readonly only: Uint8Array | null
  readonly withinBudget: () => boolean
}

/**
 * Folds nulls for everybody who is gone, in all partitions of the pass. False when the rows do not
 * fit the budget.
 */
export async function deleteMissing(
  partitions: Partitions,
  folder: Folder,
  missing: Missing,
): Promise<boolean> {
  const { goneAt, keepsAliases, only, withinBudget } = missing
  if (keepsAliases) await markUsersOfAliases(partitions)
  for (let number = 0; number < PARTITIONS; number++) {
    if (only !== null && only[number] === 0) continue
    folder.deleteMissing(await partitions.open(number), {
      time: goneAt,
      skipsAliases: keepsAliases,
    })
    if (!withinBudget()) return false
  }
  return true
}
