import { describe, expect, it } from 'vitest'
import { sleepFor, systemClock } from '../../src/time/clock.ts'
import { TestClock } from '../test-clock.ts'

describe('sleepFor', () => {
  it('ends when the time is over', async () => {
    const clock = new TestClock()
    let isOver = false
    void sleepFor(clock, 100, AbortSignal.timeout(60_000)).then(() => (isOver = true))

    await clock.advance(99)
    expect(isOver).toBe(false)
    await clock.advance(2)

    expect(isOver).toBe(true)
  })

  it('ends with the reason of an abort, and leaves no timer', async () => {
    const clock = new TestClock()
    const stop = new AbortController()
    const reason = new Error('stopped by the test')
    const sleeping = sleepFor(clock, 100, stop.signal)

    stop.abort(reason)

    await expect(sleeping).rejects.toBe(reason)
    expect(clock.timers).toBe(0)
  })

  it('does not begin when aborted before', async () => {
    const clock = new TestClock()
    const reason = new Error('stopped by the test')

    await expect(sleepFor(clock, 100, AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(clock.timers).toBe(0)
  })
})

describe('systemClock', () => {
  it('calls back, and can be taken back', async () => {
    const calls: string[] = []
    systemClock.schedule(1, () => calls.push('taken back'))()

    await new Promise<void>((resolve) => systemClock.schedule(2, resolve))

    expect(calls).toEqual([])
  })

  it('waits as long as a timer can where more is asked, instead of not at all', async () => {
    let isOver = false
    const cancel = systemClock.schedule(2 ** 40, () => (isOver = true))

    await new Promise((resolve) => setTimeout(resolve, 20))
    cancel()

    expect(isOver).toBe(false)
  })

  it('does not care how the wall clock is set', () => {
    expect(Math.abs(systemClock.now() - performance.now())).toBeLessThan(1000)
    expect(Math.abs(systemClock.wallTime() - Date.now())).toBeLessThan(1000)
  })
})
