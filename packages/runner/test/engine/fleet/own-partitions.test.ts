import type { DeadLetter, DeadLetterPage } from '@engage-sync/core'
import { expect, it } from 'vitest'
import { DeferredRecords, WaitingLetters } from '../../../src/engine/deferred/index.ts'
import { OwnPartitions } from '../../../src/engine/fleet/own-partitions.ts'
import { StoreView } from '../../../src/engine/fleet/store-view.ts'
import { Bench, NOW } from '../harness.ts'

/** Counts the letters it is read. */
class Counting extends StoreView {
  letters = 0

  override async deadLetters(page: DeadLetterPage): Promise<readonly DeadLetter[]> {
    const found = await super.deadLetters(page)
    this.letters += found.length
    return found
  }
}

const SHOP = 'traits: { plan: plan }\n'
const OTHERS = 1300

/** Letters of users of a partition. */
function lettersOf(partition: number, users: readonly string[]): readonly DeadLetter[] {
  const waiting = users.map((user) => ({ user, partition, doubted: [], unanswered: [] }))
  const records = new DeferredRecords(waiting)
  for (const user of users) records.add(user, 'engage', `{"of":"${user}"}`)
  return records.letters({ run: 1, nowMs: NOW, days: 30 })
}

it('reads what others wrote since its own last letter once, and finds its own among it', async () => {
  const bench = new Bench({ shop: SHOP })
  await bench.withStore(async (store) => {
    const { epoch } = await store.acquireLease('test', 60_000)
    const write = (partition: number, users: readonly string[]) =>
      store.commit({ epoch, deadLetters: lettersOf(partition, users) })
    const counting = new Counting(store)
    const member = () => ({ worker: 'one', epoch }) as never
    const waiting = new WaitingLetters(
      new OwnPartitions(counting, { member, partitions: new Set([3]) }),
    )
    const found = async () => (await waiting.of(['a', 'b'])).map(({ records }) => records)
    await write(3, ['a'])
    await write(
      4,
      Array.from({ length: OTHERS }, (_, number) => `other ${number}`),
    )
    expect(await found()).toEqual([['{"of":"a"}']])
    expect(counting.letters).toBeGreaterThan(OTHERS)

    counting.letters = 0
    expect(await found()).toEqual([['{"of":"a"}']])
    expect(counting.letters).toBe(1)
    await write(4, ['another'])
    await write(3, ['b'])
    await write(4, ['one more'])
    expect(await found()).toEqual([['{"of":"a"}'], ['{"of":"b"}']])
    expect(counting.letters).toBe(1 + 3 + 2)
    await write(3, ['a'])
    expect(await found()).toEqual([['{"of":"a"}'], ['{"of":"b"}'], ['{"of":"a"}']])
  })
  bench.close()
})
