import { PARTITIONS } from '@engage-sync/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { REREAD } from '../../../src/engine/index.ts'
import { Bench, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

/** So many that the log of every partition is worth a snapshot. */
const USERS = 120 * PARTITIONS
const TRAITS = Array.from({ length: 12 }, (_, number) => `t${number}`)

/** One value of every user, for each of these traits. */
function recordsOf(traits: readonly string[], at: number): TestEvent[] {
  return traits.flatMap((trait) =>
    Array.from({ length: USERS }, (_, user) => ({ user: `u${user}`, at, trait, value: user })),
  )
}

async function sizesOf(bench: Bench) {
  const sizes = await bench.withStore((store) => store.sizes())
  return {
    withSnapshot: sizes.filter(({ snapshotBytes }) => snapshotBytes > 0).length,
    withLog: sizes.filter(({ deltas }) => deltas.length > 0).length,
  }
}

describe('snapshots of partitions', () => {
  it('are left out while the log is shorter than half of the rows, and take its place when it is not', async () => {
    const traits = TRAITS.map((trait) => `  ${trait}: { attribute: ${trait}, type: number }`).join(
      '\n',
    )
    const bench = new Bench({
      shop: `identity: { external_id: userId, create_users: true }\ntraits:\n${traits}\n`,
    })
    onTestFinished(() => bench.close())

    bench.records = recordsOf(TRAITS.slice(0, 1), NOW)
    const first = await bench.run()
    const short = await sizesOf(bench)
    bench.records.push(...recordsOf(TRAITS.slice(1), NOW))
    await bench.run()
    const long = await sizesOf(bench)
    const again = await bench.run({ kind: REREAD })

    expect(first.report.braze.attributes).toBe(USERS)
    expect(short).toEqual({ withSnapshot: 0, withLog: PARTITIONS })
    expect(long).toEqual({ withSnapshot: PARTITIONS, withLog: 0 })
    expect(again.report.braze).toMatchObject({ attributes: 0, pending: 0 })
  }, 60_000)
})
