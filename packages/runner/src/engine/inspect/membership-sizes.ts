import { openSession } from '../open-session.ts'
import type { EngineOptions } from '../request/options.ts'

/** Members the destination has from us, by mapping or segment id; reads every partition, changes nothing. */
export async function membershipSizes(options: EngineOptions): Promise<ReadonlyMap<string, number>> {
  const { members } = await openSession(options, { nowMs: options.now(), run: 0 })
  return members.all(options.store)
}
