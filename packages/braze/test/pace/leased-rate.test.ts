import { describe, expect, it } from 'vitest'
import { LeasedRate } from '../../src/pace/leased-rate.ts'
import type { RateLedger } from '../../src/pace/leased-rate.ts'
import { createPace } from '../../src/pace/pace.ts'
import type { RateBook } from '../../src/pace/shares.ts'
import { settle, TestClock } from '../test-clock.ts'

const LIMIT = 300
const WINDOW_MS = 3000

/** A book in memory, on the clock of the test; while it is gone, nobody is answered. */
class Ledger implements RateLedger {
  isGone = false
  asked = 0
  #book: RateBook = {}
  readonly #clock: TestClock

  constructor(clock: TestClock) {
    this.#clock = clock
  }

  async change<Result>(
    _limit: string,
    work: (book: RateBook, nowMs: number) => { readonly book: RateBook; readonly result: Result },
  ): Promise<Result> {
    this.asked++
    await Promise.resolve()
    if (this.isGone) throw new Error('gone')
    const { book, result } = work(this.#book, this.#clock.now() + 12_345)
    this.#book = book
    return result
  }
}

/** Processes that send as much as they may; a request takes 50 ms and arrives in its midst. */
function fleet(clock: TestClock, ledger: RateLedger) {
  const arrivals: number[] = []
  const sent: Record<string, number> = {}
  const start = (worker: string, ways = 40) => {
    const stop = new AbortController()
    const pace = createPace({
      requestsPerSecond: LIMIT / 3,
      windowSeconds: 3,
      clock,
      shared: { ledger, worker, signal: stop.signal, limit: 'track' },
    })
    const send = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        await pace.enter(stop.signal)
        arrivals.push(clock.now() + 25)
        sent[worker] = (sent[worker] ?? 0) + 1
        await new Promise<void>((resolve) => clock.schedule(50, resolve))
        pace.leave()
      }
    }
    for (let way = 0; way < ways; way++) void send().catch(() => undefined)
    return () => stop.abort(new Error('ended by the test'))
  }
  return { arrivals, sent, start }
}

/** Most arrivals in any window, wherever it begins. */
function mostInAWindow(arrivals: readonly number[]): number {
  const sorted = arrivals.toSorted((one, other) => one - other)
  let most = 0
  let first = 0
  for (const [at, time] of sorted.entries()) {
    while (sorted[first]! <= time - WINDOW_MS) first++
    most = Math.max(most, at - first + 1)
  }
  return most
}

describe('LeasedRate', () => {
  it('keeps the limit with others in every window, and reaches it', async () => {
    const clock = new TestClock()
    const { arrivals, sent, start } = fleet(clock, new Ledger(clock))
    const ends = ['a', 'b', 'c'].map((worker) => start(worker))

    await clock.advance(60_000)
    for (const end of ends) end()

    expect(mostInAWindow(arrivals)).toBeLessThanOrEqual(LIMIT)
    expect(arrivals.length).toBeGreaterThan(0.95 * (LIMIT / WINDOW_MS) * 60_000)
    for (const count of Object.values(sent)) expect(count).toBeGreaterThan(arrivals.length / 4)
  })

  it('leaves to others what one does not use, and takes over what a dead one had', async () => {
    const clock = new TestClock()
    const { arrivals, sent, start } = fleet(clock, new Ledger(clock))
    start('idle', 0)
    const slow = start('slow', 1)
    start('busy')
    await clock.advance(30_000)
    const half = { ...sent }
    slow()
    await clock.advance(30_000)

    expect(mostInAWindow(arrivals)).toBeLessThanOrEqual(LIMIT)
    expect(half['busy']! + half['slow']!).toBeGreaterThan(0.9 * (LIMIT / 3) * 30)
    expect(sent['busy']! - half['busy']!).toBeGreaterThan(0.85 * (LIMIT / 3) * 30)
  })

  it('sends nothing once its part was not renewed for three seconds, and goes on after', async () => {
    const clock = new TestClock()
    const ledger = new Ledger(clock)
    const { arrivals, start } = fleet(clock, ledger)
    const end = start('a')
    await clock.advance(5000)
    ledger.isGone = true
    await clock.advance(4000)
    const before = arrivals.length
    await clock.advance(20_000)
    expect(arrivals.length).toBe(before)
    ledger.isGone = false
    await clock.advance(5000)
    end()

    expect(arrivals.length).toBeGreaterThan(before)
    expect(mostInAWindow(arrivals)).toBeLessThanOrEqual(LIMIT)
  })

  it('asks nothing while nothing is sent, and leaves no timer', async () => {
    const clock = new TestClock()
    const ledger = new Ledger(clock)
    const stop = new AbortController()
    const options = { limit: 'track', requests: 10, windowMs: 1000, clock }
    const rate = new LeasedRate({ ...options, ledger, worker: 'a', signal: stop.signal })
    expect(rate.waitMs(clock.now())).toBeGreaterThan(0)
    await clock.advance(30)
    expect(rate.waitMs(clock.now())).toBe(0)

    await clock.advance(60_000)
    const { asked } = ledger
    await clock.advance(60_000)
    expect(ledger.asked).toBe(asked)
    rate.waitMs(clock.now())
    await settle()
    stop.abort()

    expect(clock.timers).toBe(0)
  })

  it('counts as its part of what Braze says is left what others cannot have used', async () => {
    const clock = new TestClock()
    const ledger = new Ledger(clock)
    const rates = ['a', 'b'].map(
      (worker) =>
        new LeasedRate({
          ledger,
          worker,
          limit: 'track',
          requests: 100,
          windowMs: 1000,
          clock,
          signal: new AbortController().signal,
        }),
    )
    for (let round = 0; round < 8; round++) {
      for (const rate of rates)
        while (rate.waitMs(clock.now()) === 0) {
          rate.leave(clock.now())
          rate.over(clock.now())
        }
      await clock.advance(250)
    }
    await clock.advance(1000)
    const [rate] = rates

    expect(rate!.partOf(80, clock.now())).toBe(80)
    expect(rate!.partOf(4, clock.now())).toBeLessThan(4)
  })
})
