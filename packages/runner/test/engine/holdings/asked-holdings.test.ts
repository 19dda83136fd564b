import { afterEach, describe, expect, it } from 'vitest'
import { createAdoptingDestination } from '../../../src/adapters/adopting-destination.ts'
import { ADOPT_HELD } from '../../../src/engine/index.ts'
import type { AskOptions, EngineEvent } from '../../../src/engine/index.ts'
import { Bench, compile, NOW } from '../harness.ts'

const SYNC = `traits:
  worth: { attribute: worth, type: number, event: Trait Computed }
segments:
  rich: { when: { trait: worth, more_than: 10 }, attribute: rich, backfill: false }
  known: { when: { event: Trait Computed, more_than: 0 }, attribute: known }
`
const USERS = Array.from({ length: 300 }, (_, index) => `u${index}`)

let bench: Bench
afterEach(() => bench.close())

/** A Braze that another state filled, and one that knows nothing of it. */
async function filledAndForgotten(): Promise<Bench> {
  const records = USERS.map((user, index) => ({ user, at: NOW - 9, trait: 'worth', value: index }))
  const before = new Bench({ shop: SYNC })
  before.records = records
  await before.run()
  before.close()
  bench = new Bench({ shop: SYNC }, before.ledger)
  bench.records = records
  return bench
}

function adopting(more: Partial<AskOptions> = {}, events: EngineEvent[] = []) {
  return {
    kind: ADOPT_HELD,
    destination: createAdoptingDestination(bench.ledger),
    ask: { destination: bench.ledger, list: null, mostUsers: 1000, ...more },
    observe: (event: EngineEvent) => void events.push(event),
  }
}

describe('asking what the destination holds', () => {
  it.each([undefined, 40_000])(
    'leaves nothing to send where it holds all (budget %s)',
    async (memoryBudgetBytes) => {
      await filledAndForgotten()
      const events: EngineEvent[] = []

      await bench.run({ ...adopting({}, events), memoryBudgetBytes })
      const { summary } = await bench.plan()
      const { report } = await bench.run()

      expect(summary).toMatchObject({ attributes: 0, events: 0, users: { changed: 0 } })
      expect(report.braze.requests).toBe(0)
      const told = events.filter((event) => event.type === 'asked')
      expect(told.at(-1)).toMatchObject({ users: USERS.length, of: USERS.length })
    },
  )

  it('leaves what differs to the next run, whatever becomes of it before', async () => {
    const { ledger } = await filledAndForgotten()
    for (const user of USERS.slice(0, 7)) ledger.userOf(user).attributes.set('worth', -1)
    for (const user of USERS.slice(7, 10)) ledger.userOf(user).events.length = 0
    ledger.users.delete('u10')

    await bench.run(adopting())
    await bench.run(adopting())
    const { summary } = await bench.plan()

    expect(summary.users.changed).toBe(11)
    expect(summary).toMatchObject({ attributes: 9, events: 4 })
  })

  it('stops before it asks for more users than it was told, one by one', async () => {
    await filledAndForgotten()

    const { failure } = await bench.run(adopting({ mostUsers: USERS.length - 1 }))

    expect(failure).toMatchObject({ code: 'USAGE_ADOPT' })
  })

  it('asks again where a segment was taken for new by an adoption that did not end', async () => {
    await filledAndForgotten()
    await bench.run(adopting({ mostUsers: 1 }))
    bench.syncs = compile({ shop: SYNC })

    await bench.run(adopting())

    expect((await bench.plan()).summary.users.changed).toBe(0)
  })
})
