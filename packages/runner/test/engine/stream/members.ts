import { allowRequests } from '../../../src/state/values/stream-guards.ts'
import { NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import type { StreamBench } from './stream-bench.ts'

/** Guards under which nobody may leave before that is allowed. */
export const NOBODY_LEAVES = {
  maxRemovals: 0,
  minRemovals: 0,
  maxAdditions: 1,
  maxDataPoints: null,
  emptySource: 'stop',
} as const

/** A fifth may leave, and two always. */
export const FEW_LEAVE = { ...NOBODY_LEAVES, maxRemovals: 0.2, minRemovals: 2 } as const

/** Somebody enters an audience, or leaves it. @param at - milliseconds after now */
export function vip(user: string, value: boolean, at: number): TestEvent {
  return { user, at: NOW + at, audience: 'vip', value }
}

/** A trait of somebody. @param at - milliseconds after now */
export function plan(user: string, value: string, at: number): TestEvent {
  return { user, at: NOW + at, trait: 'plan', value }
}

/** Lets a guard pass, as `engage-sync allow` does. */
export async function allow(bench: StreamBench, request: string): Promise<void> {
  await bench.withStore(async (store) => {
    const lease = await store.currentLease()
    const value = allowRequests.stored(request, new Date(NOW).toISOString())
    await store.commit({ epoch: lease?.epoch ?? 0, values: [value] })
  })
}
