import type { Source } from '@engage-sync/core'
import type { PlanDigest } from '../request/index.ts'

/** Enough to say that there are many. */
const MOST_COUNTED = 10_000

/**
 * Records that came after a plan was made, which a run of it leaves to the next; at most 10,000 are counted, and none of
 * a source that repeats itself.
 *
 * @param to - where the plan's reading ended, by source
 */
export async function countNewerRecords(
  sources: ReadonlyMap<string, Source>,
  to: PlanDigest['to'],
  signal: AbortSignal,
): Promise<number> {
  let count = 0
  for (const [name, position] of Object.entries(to)) {
    const source = sources.get(name)
    if (source?.readBetween === undefined || source.repeats === true) continue
    for await (const chunk of source.read(position, signal)) {
      count += chunk.count + chunk.rejected.length
      if (count >= MOST_COUNTED) return MOST_COUNTED
    }
  }
  return count
}
