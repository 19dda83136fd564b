import { isAllowed } from '@engage-sync/core'
import { streamGuards } from '../../../state/values/stream-guards.ts'
import type { EngineOptions, Judge } from '../../request/index.ts'
import type { DeliveredSum } from '../../run-counters.ts'
import type { ChargedBefore } from './charged-before.ts'
import type { Charge } from './judge-window.ts'
import { StreamGuards } from './stream-guards.ts'

/** Who judges a run, and under which lease it works. */
interface JudgedRun extends Pick<EngineOptions, 'guards' | 'allow' | 'store' | 'now'> {
  readonly before: ChargedBefore
  readonly epoch: () => number
}

/**
 * Has the guards of a stream judge an ordinary run, too: what it uses is the same hour's and day's.
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
    const { guards: limits, allow, store, now, before, epoch } = this.#run
    const guards = new StreamGuards(await streamGuards.read(store), before)
    const { frozen, stop } = await guards.judge(
      { ...plan, nowMs: now() },
      { limits, members, users },
    )
    const all = [...(stop === null ? [] : [stop]), ...frozen.values()]
    const stops = all.filter((each) => !isAllowed(each, allow))
    if (stops.length > 0) return stops
    guards.take()
    this.#charges = guards.charges
    const values = guards.takeUsed()
    if (values.length > 0) await store.commit({ epoch: epoch(), values })
    return []
  }

  /** The run ended: what it did not deliver is judged once more, and costs nothing then. */
  ended(delivered: DeliveredSum): void {
    this.#run.before.addLeft(this.#charges, delivered, this.#run.now())
    this.#charges = []
  }
}
