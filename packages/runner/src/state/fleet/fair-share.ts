import { PARTITIONS } from '@engage-sync/core'
import type { Fleet } from '@engage-sync/core'

/** What a worker does about its share. */
export interface ShareStep {
  /** So many free partitions are to be claimed at most. */
  readonly claims: number
  /** Partitions of others to ask for. */
  readonly asks: readonly number[]
}

/**
 * What a worker lacks of its fair share, and where that is.
 *
 * Of free partitions it takes up to an even share, rounded up, so that none is left over. It asks for others' only
 * up to the share rounded down, and the richest first, so that nothing goes back and forth.
 *
 * Those of a former configuration take nothing any more: what becomes free is the others', all of it.
 *
 * @param newest - fingerprint of the newest configuration. Default: all have the same
 */
export function shareStep(
  { workers, owners }: Pick<Fleet, 'workers' | 'owners'>,
  name: string,
  newest?: string,
): ShareStep {
  const me = workers.find(({ worker }) => worker === name)
  const working = workers.filter(({ demand }) => demand > 0)
  if (me === undefined || working.length === 0) return { claims: 0, asks: [] }
  const isNewest = ({ fingerprint }: { readonly fingerprint: string }) =>
    newest === undefined || fingerprint === newest
  if (!isNewest(me)) return { claims: 0, asks: [] }
  const owned = owners.filter(({ worker }) => worker === name).length
  const asked = owners.filter(({ wanted }) => wanted === name).length
  const least = Math.min(me.demand, Math.floor(PARTITIONS / working.length))
  const free = owners.filter(({ worker }) => worker === null).length
  const takers = working.filter(isNewest)
  const theirs = owners.filter(({ worker }) => takers.some((one) => one.worker === worker)).length
  const even = Math.max(PARTITIONS / working.length, (free + theirs) / takers.length)
  const most = Math.min(me.demand, Math.ceil(even))
  const missing = least - owned - asked - free
  return {
    claims: Math.max(0, most - owned),
    asks: missing > 0 ? ofTheRichest({ workers, owners }, { name, missing, least }) : [],
  }
}

/** One after another of whoever has most left then; none of those at their share. */
function ofTheRichest(
  { owners }: Pick<Fleet, 'workers' | 'owners'>,
  { name, missing, least }: { name: string; missing: number; least: number },
): readonly number[] {
  const left = new Map<string, number[]>()
  for (const { partition, worker, wanted } of owners) {
    if (worker === null || worker === name || wanted !== null) continue
    left.set(worker, [...(left.get(worker) ?? []), partition])
  }
  const asks: number[] = []
  while (asks.length < missing) {
    const [richest = []] = [...left.values()].toSorted((a, b) => b.length - a.length)
    const partition = richest.length > least ? richest.pop() : undefined
    if (partition === undefined) break
    asks.push(partition)
  }
  return asks
}
