import type { Beat, Fleet, Membership } from '@engage-sync/core'
import { shareStep } from './fair-share.ts'

/** The steps of a beat, each whole by itself, in the order they are taken. */
export interface BeatSteps {
  /** @throws {LeaseError} `STATE_LEASE_LOST` */
  readonly renew: (member: Membership, ttlMs: number) => Promise<Membership>
  /** Has those lost whose time is over, once commits of theirs that are under way have ended. */
  readonly buryLapsed: (ttlMs: number) => Promise<void>
  readonly fleet: () => Promise<Fleet>
  readonly claim: (member: Membership, most: number) => Promise<readonly number[]>
  readonly ask: (member: Membership, partitions: readonly number[]) => Promise<void>
}

/** One beat of a worker; see `FleetStore`. Everyone renews before anyone is lost. */
export async function beat(
  steps: BeatSteps,
  member: Membership,
  { ttlMs, newest }: { readonly ttlMs: number; readonly newest?: string | undefined },
): Promise<Beat> {
  const membership = await steps.renew(member, ttlMs)
  await steps.buryLapsed(ttlMs)
  const found = await steps.fleet()
  const { claims, asks } = shareStep(found, member.worker, newest)
  const claimed = claims > 0 ? await steps.claim(member, claims) : []
  // What became free since it was looked is its own now: asking for it would be giving it back.
  const others = asks.filter((partition) => !claimed.includes(partition))
  if (others.length > 0) await steps.ask(member, others)
  const fleet = claims + asks.length > 0 ? await steps.fleet() : found
  const own = fleet.owners.filter(({ worker }) => worker === member.worker)
  return {
    membership,
    owned: own.map(({ partition }) => partition),
    wanted: own.flatMap(({ partition, wanted }) => (wanted === null ? [] : [partition])),
    fleet,
  }
}
