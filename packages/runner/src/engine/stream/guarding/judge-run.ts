import { isAllowed } from '@engage-sync/core'
import { streamGuards } from '../../../state/values/stream-guards.ts'
import type { EngineOptions } from '../../request/index.ts'
import { StreamGuards } from './stream-guards.ts'

/**
 * Has the guards of a stream judge an ordinary run, too: what it uses is the same hour's and day's.
 *
 * A run is not cut in parts: what would freeze a membership of a window stops all of it.
 *
 * @param epoch - of the lease the run works under
 */
export function judgedByStream(
  { guards: limits, allow, store, now }: Pick<EngineOptions, 'guards' | 'allow' | 'store' | 'now'>,
  epoch: () => number,
): NonNullable<EngineOptions['judge']> {
  return async ({ members, users, ...plan }) => {
    const guards = new StreamGuards(await streamGuards.read(store))
    const { frozen, stop } = await guards.judge(
      { ...plan, nowMs: now() },
      { limits, members, users },
    )
    const all = [...(stop === null ? [] : [stop]), ...frozen.values()]
    const stops = all.filter((each) => !isAllowed(each, allow))
    if (stops.length > 0) return stops
    guards.take()
    const values = guards.takeUsed()
    if (values.length > 0) await store.commit({ epoch: epoch(), values })
    return []
  }
}
