import { describe, expect, it } from 'vitest'
import { createPacer } from '../../src/profile-api/index.ts'
import type { Clock } from '../../src/remote/clock.ts'

const signal = new AbortController().signal

/**
 * A clock whose sleepers wake in the order of their times when it is run.
 *
 * @param wall - how far the wall clock is set from the elapsed time, milliseconds
 */
function steppedClock(wall = () => 0) {
  let now = 0
  let sleepers: { at: number; wake: () => void }[] = []
  const clock: Clock = {
    now: () => wall() + now,
    elapsed: () => now,
    sleep: (ms, stop) =>
      new Promise((wake, reject) => {
        stop.addEventListener('abort', () => reject(stop.reason as Error))
        sleepers.push({ at: now + ms, wake })
      }),
  }
  const run = async (untilMs: number): Promise<void> => {
    for (;;) {
      for (let tick = 0; tick < 10; tick++) await Promise.resolve()
      sleepers = sleepers.toSorted((left, right) => left.at - right.at)
      if (sleepers.length === 0 || sleepers[0].at > untilMs) break
      const { at, wake } = sleepers.shift()!
      now = at
      wake()
    }
    now = untilMs
  }
  return { clock, run }
}

describe('createPacer', () => {
  it('never lets more than so many leave in any second', async () => {
    const { clock, run } = steppedClock()
    const pacer = createPacer(100, clock)
    const times: number[] = []
    for (let request = 0; request < 350; request++)
      void pacer.turn(signal).then(() => times.push(clock.now()))

    await run(10_000)

    expect(times).toHaveLength(350)
    for (const start of times)
      expect(
        times.filter((time) => time >= start && time < start + 999.9).length,
      ).toBeLessThanOrEqual(100)
    expect(times.at(-1)).toBeLessThanOrEqual(3_500)
  })

  it('keeps its pace when the wall clock is set back an hour', async () => {
    let set = 0
    const { clock, run } = steppedClock(() => set)
    const pacer = createPacer(10, clock)
    const times: number[] = []
    for (let request = 0; request < 20; request++)
      void pacer.turn(signal).then(() => times.push(clock.elapsed()))

    await run(500)
    set = -3_600_000
    await run(2_000)

    expect(times).toHaveLength(20)
    expect(times.at(-1)).toBe(1_900)
  })

  it('serves those who share it in the order they asked', async () => {
    const { clock, run } = steppedClock()
    const pacer = createPacer(10, clock)
    const order: string[] = []
    for (const who of ['a', 'b', 'a', 'b']) void pacer.turn(signal).then(() => order.push(who))

    await run(1_000)

    expect(order).toEqual(['a', 'b', 'a', 'b'])
  })

  it('saves up nothing while nobody asks', async () => {
    const { clock, run } = steppedClock()
    const pacer = createPacer(10, clock)
    await pacer.turn(signal)
    await run(5_000)
    const times: number[] = []
    for (let request = 0; request < 3; request++)
      void pacer.turn(signal).then(() => times.push(clock.now()))

    await run(6_000)

    expect(times).toEqual([5_000, 5_100, 5_200])
  })

  it('lets nobody through during a pause, and then one after another', async () => {
    const { clock, run } = steppedClock()
    const pacer = createPacer(10, clock)
    const times: number[] = []
    for (let request = 0; request < 4; request++)
      void pacer.turn(signal).then(() => times.push(clock.now()))
    await run(50)
    pacer.pause(2_000)

    await run(5_000)

    expect(times[0]).toBe(0)
    expect(times[1]).toBeGreaterThanOrEqual(2_050)
    for (let index = 2; index < 4; index++)
      expect(times[index] - times[index - 1]).toBeGreaterThanOrEqual(100)
  })

  it('ends with the reason of an abort', async () => {
    const { clock } = steppedClock()
    const pacer = createPacer(1, clock)
    const abort = new AbortController()
    await pacer.turn(abort.signal)
    const waiting = pacer.turn(abort.signal)
    abort.abort(new Error('enough'))

    await expect(waiting).rejects.toThrow('enough')
  })
})
