import { describe, expect, it } from 'vitest'
import { nextOfCron, readCron } from '../../src/values/cron.ts'

/** The next instants of a schedule. */
function instants(text: string, after: string, count = 2): readonly (string | null)[] {
  const cron = readCron(text)
  if (typeof cron === 'string') throw new Error(cron)
  const found: (string | null)[] = []
  let at = Date.parse(after)
  while (found.length < count) {
    const next = nextOfCron(cron, at)
    found.push(next === null ? null : new Date(next).toISOString().replace(':00.000Z', 'Z'))
    at = next ?? at
  }
  return found
}

describe('a schedule', () => {
  it.each([
    ['*/15 * * * *', ['2026-01-31T23:45Z', '2026-02-01T00:00Z']],
    ['0 6 * * *', ['2026-02-01T06:00Z', '2026-02-02T06:00Z']],
    ['30 6-8/2 * * mon-fri', ['2026-02-02T06:30Z', '2026-02-02T08:30Z']],
    ['0 0 29 feb *', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    ['0 0 1 * 7', ['2026-02-01T00:00Z', '2026-02-08T00:00Z']],
    ['5,35 0 31 * *', ['2026-03-31T00:05Z', '2026-03-31T00:35Z']],
    ['59 23 31 12 *', ['2026-12-31T23:59Z', '2027-12-31T23:59Z']],
    ['0 12 */10 * sun', ['2026-02-01T12:00Z', '2026-03-01T12:00Z']],
  ])('%s', (text, expected) => {
    expect(instants(text, '2026-01-31T23:31:07Z')).toEqual(expected)
  })

  it('is due after an instant, never at it', () => {
    expect(instants('* * * * *', '2026-01-01T00:00:00Z')).toEqual([
      '2026-01-01T00:01Z',
      '2026-01-01T00:02Z',
    ])
  })

  it.each([
    ['* * * *', /five fields/],
    ['60 * * * *', /"60" is no minute: 0 to 59/],
    ['* 5-1 * * *', /"5-1" is no hour/],
    ['* * 0 * *', /"0" is no day of the month/],
    ['* * * moon *', /"moon" is no month/],
    ['*/0 * * * *', /is no minute/],
    ['@hourly', /five fields/],
    ['0 0 30 2 *', /no such day/],
  ])('%s is none', (text, problem) => {
    expect(readCron(text)).toMatch(problem)
  })
})
