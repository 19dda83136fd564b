import { afterEach, describe, expect, it } from 'vitest'
import { INCREMENTAL, REREAD, RESEND, retryOf, someUsers } from '../../../src/engine/index.ts'
import type { EngineEvent } from '../../../src/engine/index.ts'
import { Bench, NOW } from '../harness.ts'
import type { Fate } from '../ledger-destination.ts'

const SYNC = `traits:
  worth: { attribute: worth, type: number, event: Worth Computed }
  tags: { attribute: tags, type: array }
audiences:
  vip: { attribute: vip, event: { entered: Entered }, cohort: VIPs }
segments:
  rich: { when: { trait: worth, more_than: 5 }, attribute: rich, cohort: Rich }
  busy: { when: { event: Worth Computed, more_than: 1 }, attribute: busy }
`
const USERS = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6']
/** Nothing is left out, sent twice, or sent for want of an answer alone. */
const WHOLE = { status: 'done', braze: { pending: 0 } }

let bench: Bench
afterEach(() => bench.close())

/** Users who hold something, then changes of it: two events each. */
async function born(): Promise<void> {
  bench = new Bench({ shop: SYNC })
  bench.records = USERS.map((user) => ({ user, at: NOW - 10, trait: 'tags', value: ['a', 'b'] }))
  await bench.run()
  bench.nowMs = NOW + 60_000
  for (const user of USERS) {
    bench.records.push({ user, at: NOW + 10, trait: 'worth', value: 1 })
    bench.records.push({ user, at: NOW + 20, trait: 'worth', value: 9 })
    bench.records.push({ user, at: NOW + 30, trait: 'tags', value: ['b', 'c'] })
    bench.records.push({ user, at: NOW + 40, audience: 'vip', value: true })
  }
}

/** What a run leaves that nothing went wrong in. */
async function calmly(work: () => Promise<unknown>): Promise<ReturnType<Bench['ledger']['dump']>> {
  await born()
  await work()
  const dump = bench.ledger.dump()
  bench.close()
  return dump
}

/**
 * Every second request from now on has no answer, for a while: one was applied, the other was not.
 */
function loseAnswers(): void {
  const from = bench.ledger.requests
  bench.ledger.fate = (request): Fate => {
    const number = request - from
    if (number > 6 || number % 2 === 0) return 'ok'
    return number % 4 === 1 ? 'applied' : 'lost'
  }
}

describe('requests without an answer are decided, and what waits is sent,', () => {
  it.each([
    ['an ordinary run', INCREMENTAL],
    ['run --reread', REREAD],
    ['run --resend', RESEND],
    ['run --only', someUsers(new Set(USERS.slice(0, 4)))],
  ])('by %s', async (_, kind) => {
    const calm = await calmly(() => bench.run({ kind }))
    await born()
    loseAnswers()

    const { report, failure } = await bench.run({ kind })

    expect(failure).toBeNull()
    expect(report).toMatchObject(WHOLE)
    expect(report.rounds!.requests).toBeGreaterThan(0)
    expect(bench.ledger.dump()).toEqual(calm)
    expect(bench.ledger.overlaps).toEqual([])
  })

  it('by a retry, whose letters end with them', async () => {
    const refused = () =>
      (bench.ledger.refuse = ({ event }) => (event === undefined ? null : { code: 'BRAZE_NO' }))
    const retried = async () => {
      refused()
      await bench.run()
      bench.ledger.refuse = () => null
    }
    const calm = await calmly(async () => {
      await retried()
      await bench.run({ kind: retryOf({}) })
    })
    await born()
    await retried()
    loseAnswers()

    const { report } = await bench.run({ kind: retryOf({}) })

    expect(report).toMatchObject(WHOLE)
    expect(report.rounds!.requests).toBeGreaterThan(0)
    expect(bench.ledger.dump()).toEqual(calm)
    expect(await bench.withStore((store) => store.deadLetters({ limit: 9 }))).toEqual([])
  })

  it('in several passes, each for its rows', async () => {
    const calm = await calmly(() => bench.run())
    await born()
    loseAnswers()

    const { report } = await bench.run({ memoryBudgetBytes: 1 })

    expect(report).toMatchObject(WHOLE)
    expect(report.rounds!.requests).toBeGreaterThan(0)
    expect(bench.ledger.dump()).toEqual(calm)
  })
})

describe('waiting for an answer', () => {
  /** A run of the changes while Braze takes so long to be believed that something is not there. */
  async function waited(verifyAfterMs: number) {
    await born()
    loseAnswers()
    bench.ledger.verifyAfterMs = verifyAfterMs
    const waits: number[] = []
    const stop = new AbortController()
    const observe = (event: EngineEvent) => {
      if (event.type !== 'verifying') return
      waits.push(event.ms)
      stop.abort()
    }
    const { report } = await bench.run({ observe, signal: stop.signal })
    return { report, waits }
  }

  it('goes on for five minutes at most: what takes longer is the next run’s', async () => {
    const calm = await calmly(() => bench.run())

    const { report, waits } = await waited(301_000)
    bench.ledger.verifyAfterMs = 0
    bench.ledger.fate = () => 'ok'
    const next = await bench.run()

    expect(waits).toEqual([])
    expect(report).toMatchObject({ status: 'partial' })
    expect(report.braze.pending).toBeGreaterThan(0)
    expect(next.report).toMatchObject(WHOLE)
    expect(bench.ledger.dump()).toEqual(calm)
  })

  it('goes on for less than that', async () => {
    const { report, waits } = await waited(299_000)

    expect(waits).toHaveLength(1)
    expect(waits[0]).toBeGreaterThan(200_000)
    expect(report.status).toBe('interrupted')
  })
})
