import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isIsoTime, readDate } from '../../src/values/dates.ts'

describe('readDate', () => {
  it.each([
    ['2026-03-01T09:30:00.123456Z', '2026-03-01T09:30:00.123Z'],
    ['2026-03-01T09:30:00:123+0100', '2026-03-01T08:30:00.123Z'],
    ['2026-03-01T09:30Z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01 09:30:00 UTC', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01T09:30:00 XYZ', '2026-03-01T09:30:00.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['Sun 03 01 09:30:00.UTC 2026', '2026-03-01T09:30:00.000Z'],
  ])('reads %s', (text, iso) => {
    expect(new Date(readDate(text)!).toISOString()).toBe(iso)
  })

  it.each([
    '',
    'today',
    '2026',
    '20260301',
    '2026-3-1',
    '2026-02-29',
    '13/13/2026',
    '12-1/2021',
    '3001-01-01',
    '-0001-01-01',
    '2026-03-01T25:00:00Z',
    '1772357400',
  ])('does not read %s', (text) => expect(readDate(text)).toBeNull())

  it('reads every instant that JavaScript writes, up to the year 3000', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('0000-01-01T00:00:00Z'),
          max: new Date('3000-12-31T23:59:59Z'),
          noInvalidDate: true,
        }),
        (date) => {
          expect(readDate(date.toISOString())).toBe(date.getTime())
        },
      ),
    )
  })
})

describe('isIsoTime', () => {
  it.each(['2026-03-01', '2026-03-01T09:30:00Z', '2026-03-01T09:30:00.1+02:00'])(
    'takes %s',
    (text) => expect(isIsoTime(text)).toBe(true),
  )
  it.each(['12/1/2021', '2026-03-01 09:30:00', '2026-13-01T00:00:00Z', 'x'])('refuses %s', (text) =>
    expect(isIsoTime(text)).toBe(false),
  )
})
