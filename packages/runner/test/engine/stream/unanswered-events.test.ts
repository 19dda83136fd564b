import { setTimeout as sleep } from 'node:timers/promises'
import { EXTERNAL_ID, partitionOf, SyncError, userKey } from '@engage-sync/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { plan, vip } from './members.ts'
import { GrowingSource, StreamBench, until } from './stream-bench.ts'

const SHOP = 'traits: { plan: plan }\naudiences: { vip: { event: { entered: In } } }\n'
let bench: StreamBench
beforeEach(() => {
  bench = new StreamBench({ shop: SHOP })
  bench.source = new GrowingSource(20)
})
afterEach(() => bench.close())

describe('an event whose answer never came', () => {
  const numberOf = (user: string) => partitionOf(userKey(EXTERNAL_ID, user))
  const mates = Array.from({ length: 4000 }, (_, number) => `mate ${number}`)
    .filter((user) => numberOf(user) === numberOf('slow'))
    .slice(0, 40)
  const changes = (round: number) => mates.map((user) => plan(user, `plan ${round}`, round + 2))
  const grows: readonly TestEvent[][] = Array.from({ length: 10 }, (_, round) => changes(round))
  const forgets: readonly TestEvent[][] = [
    changes(0),
    [{ user: mates[0]!, at: NOW + 3, forget: true }],
  ]

  it.each([
    ['would have been rewritten', grows],
    ['has somebody who is to be forgotten', forgets],
  ])('is sent, though its partition %s', async (_, rounds) => {
    const { send } = bench.ledger
    const never = Promise.withResolvers<void>()
    await bench.streaming(
      async ({ stream, taken, kill }) => {
        await taken()
        bench.ledger.send = async (request) => {
          const isSlow = Buffer.from(request.body).includes('"slow"')
          if (!isSlow) return await send.call(bench.ledger, request)
          await never.promise
          throw new SyncError('DESTINATION_UNAVAILABLE', 'away', { hint: 'wait' })
        }
        bench.source.add([vip('slow', true, 1)])
        await until(() => stream.status().heldUsers === 1)
        for (const records of rounds) {
          bench.source.add(records)
          // Whoever is to be forgotten waits for the answer.
          await Promise.race([taken(), sleep(200)])
        }
        const killed = kill()
        never.resolve()
        await killed
      },
      { lateMs: 5, onDelete: new Map([['shop', 'forget']]) },
    )
    bench.ledger.send = send
    await bench.streaming(({ settled }) => settled())
    expect(bench.ledger.userOf('slow').events.map(({ name }) => name)).toEqual(['In'])
  })
})
