import { describe, expect, it } from 'vitest'
import { backoff, DEFAULT_RETRY, judgeStatus } from '../../src/exchange/retry.ts'

const CONTEXT = {
  headers: {},
  tries: 0,
  nowMs: Date.UTC(2026, 0, 1),
  random: () => 0.5,
  policy: DEFAULT_RETRY,
}

describe('judgeStatus', () => {
  it.each([
    [400, 'reject'],
    [401, 'auth'],
    [403, 'auth'],
    [404, 'broken'],
    [415, 'broken'],
    [302, 'broken'],
    [501, 'broken'],
    [408, 'retry'],
    [413, 'split'],
    [423, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [502, 'retry'],
    [503, 'retry'],
    [504, 'retry'],
    [520, 'retry'],
  ])('takes HTTP %i as %s', (status, action) => {
    expect(judgeStatus(status, CONTEXT).action).toBe(action)
  })

  it.each([
    [429, { 'x-ratelimit-retry-after': '3' }, 3000],
    [429, { 'retry-after': '2' }, 2000],
    [429, { 'x-ratelimit-reset': '9' }, 9000],
    [429, {}, 250],
    [503, { 'retry-after': '4' }, 4000],
    [503, {}, 250],
    // The rate window of a server error says nothing about when it will be well.
    [500, { 'x-ratelimit-reset': '3600', 'x-ratelimit-remaining': '10' }, 250],
  ])('waits after HTTP %i with %j for %i ms', (status, headers, waitMs) => {
    expect(judgeStatus(status, { ...CONTEXT, headers })).toEqual({ action: 'retry', waitMs })
  })
})

describe('backoff', () => {
  it('doubles the longest wait with every try, up to the limit', () => {
    const longest = Array.from({ length: 9 }, (_, tries) =>
      backoff({ tries, random: () => 0.999_999, policy: DEFAULT_RETRY }),
    )

    expect(longest).toEqual([499, 999, 1999, 3999, 7999, 15_999, 29_999, 29_999, 29_999])
  })

  it('spreads over the whole wait, from nothing on', () => {
    expect(backoff({ tries: 3, random: () => 0, policy: DEFAULT_RETRY })).toBe(0)
    expect(backoff({ tries: 3, random: () => 0.25, policy: DEFAULT_RETRY })).toBe(1000)
  })
})
