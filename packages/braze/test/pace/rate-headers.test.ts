import { describe, expect, it } from 'vitest'
import { readRateWindow, readRetryAfter } from '../../src/pace/rate-headers.ts'

const NOW = Date.UTC(2026, 0, 1, 12)

describe('readRetryAfter', () => {
  it.each([
    ['its own header', { 'x-ratelimit-retry-after': '7' }, 7000],
    [
      'its own header before all others',
      { 'x-ratelimit-retry-after': '7', 'retry-after': '1', 'x-ratelimit-reset': '2' },
      7000,
    ],
    ['the standard header in seconds', { 'retry-after': '2' }, 2000],
    ['the standard header as a date', { 'retry-after': new Date(NOW + 4000).toUTCString() }, 4000],
    ['a date that is over', { 'retry-after': new Date(NOW - 4000).toUTCString() }, 0],
    ['a reset as an instant', { 'x-ratelimit-reset': String(NOW / 1000 + 30) }, 30_000],
    ['a reset in seconds', { 'x-ratelimit-reset': '2128' }, 2_128_000],
    [
      'an unreadable header, then the reset',
      { 'retry-after': 'soon', 'x-ratelimit-reset': '3' },
      3000,
    ],
    ['empty headers', { 'x-ratelimit-retry-after': '', 'x-ratelimit-reset': '' }, null],
    ['nothing', {}, null],
  ])('reads %s', (_, headers, expected) => {
    expect(readRetryAfter(headers, NOW)).toBe(expected)
  })

  it('measures instants by the clock of Braze, not by ours', () => {
    const theirs = NOW + 600_000

    expect(
      readRetryAfter(
        { 'x-ratelimit-reset': String(theirs / 1000 + 5), date: new Date(theirs).toUTCString() },
        NOW,
      ),
    ).toBe(5000)
  })
})

describe('readRateWindow', () => {
  it.each([
    [
      { 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': '3' },
      { remaining: 12, resetMs: 3000 },
    ],
    [
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 1) },
      { remaining: 0, resetMs: 1000 },
    ],
    [{ 'x-ratelimit-remaining': '', 'x-ratelimit-reset': '' }, null],
    [{ 'x-ratelimit-remaining': '5' }, null],
    [{ 'x-ratelimit-reset': '5' }, null],
  ])('reads %j', (headers, expected) => {
    expect(readRateWindow(headers, NOW)).toEqual(expected)
  })
})
