import type { CommitGroup, Membership, StateStore, Writer } from '@engage-sync/core'
import { PARTITIONS } from '@engage-sync/core'
import { TTL_MS } from './one-state.ts'
import type { OneState } from './one-state.ts'

/** How a store refuses who is no member any more, or does not own what it writes. */
export const LOST = { code: 'STATE_LEASE_LOST' }

/** A worker of a contract test, over a store of its own. */
export interface TestWorker {
  readonly store: StateStore
  readonly member: Membership
  beat(): ReturnType<StateStore['beat']>
  commit(group: Omit<CommitGroup, keyof Writer>): Promise<void>
}

/** Another process that joined as a worker. */
export async function joined(
  test: OneState,
  worker: string,
  demand = PARTITIONS,
): Promise<TestWorker> {
  const store = await test.open()
  const card = { worker, url: null, fingerprint: 'f', demand }
  const member = await store.join(card, TTL_MS)
  const { epoch } = member
  return {
    store,
    member,
    beat: () => store.beat(member, TTL_MS),
    commit: (group) => store.commit({ worker, epoch, ...group }),
  }
}

/** Workers without the lease of the test. */
export async function free(test: OneState): Promise<void> {
  await test.store.releaseLease(test.lease)
}

/** Every partition, ascending. */
export const ALL = Array.from({ length: PARTITIONS }, (_, number) => number)
