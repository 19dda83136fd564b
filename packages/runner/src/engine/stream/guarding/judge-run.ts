import { isAllowed } from '@engage-sync/core'
import { partitionMembers } from '../../../state/values/partition-members.ts'
import { streamGuards } from '../../../state/values/stream-guards.ts'
import type { Judge } from '../../request/index.ts'
import type { DeliveredSum } from '../../run-counters.ts'
import type { StreamOptions, StreamShare } from '../terms/index.ts'
import type { ChargedBefore } from './charged-before.ts'
import { FleetGuards } from './fleet-guards.ts'
import type { Guards } from './guarded-window.ts'
import type { Charge } from './charge.ts'
import { StreamGuards } from './stream-guards.ts'

/** Who judges a run, and under which lease it works. */
interface JudgedRun extends Pick<StreamOptions, 'guards' | 'allow' | 'store' | 'now' | 'share'> {
  readonly before: ChargedBefore
  readonly epoch: () => number
}

/**
 * Has the guards of a stream judge an ordinary run, too: what it uses is the same hour's and day's.
 * That of one of several workers, over its own partitions, is judged by the budgets of all.
 *
 * A run is not cut in parts: what would freeze a membership of a window stops all of it.
 */
export class RunJudge {
  readonly #run: JudgedRun
  #charges: readonly Charge[] = []

  constructor(run: JudgedRun) {
    this.#run = run
  }

  readonly judge: Judge = async ({ members, users, ...plan }) => {
    const { guards: limits, allow, store, now, share, epoch } = this.#run
    const guards = await this.#guards()
    const facts = {
      limits,
      members: share === undefined ? members : async () => addTold(await members(), share),
      users,
    }
    const { frozen, stop } = await guards.judge({ ...plan, nowMs: now() }, facts)
    const all = [...(stop === null ? [] : [stop]), ...frozen.values()]
    const stops = all.filter((each) => !isAllowed(each, allow))
    if (stops.length === 0) {
      guards.take()
      this.#charges = guards.charges
    }
    const values = stops.length > 0 && share === undefined ? [] : await guards.end()
    if (values.length > 0) await store.commit({ epoch: epoch(), values })
    return stops
  }

  /** The run ended: what it did not deliver is judged once more, and costs nothing then. */
  ended(delivered: DeliveredSum): void {
    this.#run.before.addLeft(this.#charges, delivered, this.#run.now())
    this.#charges = []
  }

  async #guards(): Promise<Guards> {
    const { share, before, store } = this.#run
    if (share === undefined) return new StreamGuards(await streamGuards.read(store), before)
    return await FleetGuards.open(share.shared, before, { freezes: false })
  }
}

/** Members of its own partitions, with those the other workers told of theirs. */
async function addTold(
  own: ReadonlyMap<string, number>,
  { shared, partitions }: StreamShare,
): Promise<ReadonlyMap<string, number>> {
  const sums = new Map(own)
  for (const [partition, counts] of await partitionMembers.readAll(shared.whole))
    if (!partitions.has(partition))
      for (const [id, count] of counts) sums.set(id, (sums.get(id) ?? 0) + count)
  return sums
}
