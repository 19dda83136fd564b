import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTimeZone, parseInstant, timeZoneName } from '../../src/values/instant.ts'

const iso = (text: string, zone?: string) => {
  const instant = parseInstant(text, zone)
  return instant === null ? null : new Date(instant).toISOString()
}

describe('parseInstant', () => {
  it.each([
    ['2026-01-01', 'Asia/Kolkata', '2025-12-31T18:30:00.000Z'],
    ['2026-07-01', 'America/New_York', '2026-07-01T04:00:00.000Z'],
    ['2026-07-01T12:00:00Z', 'America/New_York', '2026-07-01T12:00:00.000Z'],
    ['2026-03-29 02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['2026-10-25 02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
  ])('reads %s in %s', (text, zone, expected) => {
    expect(iso(text, zone)).toBe(expected)
  })

  it.each([
    '2026',
    '2026-13-01',
    '2026-02-29',
    '2026-01-01T24:00:00Z',
    '2026-01-01T10:60',
    '26-01-01',
    'today',
    '',
    '2026-01-01T10:00:00+99:00',
    '9999-01-01',
  ])('reads no date in %j', (text) => {
    expect(parseInstant(text)).toBeNull()
  })

  it('keeps leap days and early years', () => {
    expect(iso('2024-02-29')).toBe('2024-02-29T00:00:00.000Z')
    expect(iso('0099-01-01')).toBe('0099-01-01T00:00:00.000Z')
  })

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('2999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(parseInstant(date.toISOString())).toBe(date.getTime())
        },
      ),
      { numRuns: 200 },
    )
  })

  it('shows the civil time again in its zone', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Pacific/Auckland',
      'Pacific/Apia',
      'UTC',
    ]
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-01'), max: new Date('2035-01-01'), noInvalidDate: true }),
        fc.constantFrom(...zones),
        (date, timeZone) => {
          const shown = (instant: number) => new Date(instant).toLocaleString('sv-SE', { timeZone })
          const civil = shown(date.getTime())

          expect(shown(parseInstant(civil, timeZone)!)).toBe(civil)
        },
      ),
      { numRuns: 200 },
    )
  })
})

it.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Asia/Calcutta', true],
  ['Asia/Kolkata', true],
  ['europe/berlin', false],
  ['+02:00', false],
  ['Mars/Base', false],
  ['', false],
])('isTimeZone(%j) is %s', (text, expected) => {
  expect(isTimeZone(text)).toBe(expected)
})

it.each([
  ['europe/berlin', 'Europe/Berlin'],
  ['EUROPE/BERLIN', 'Europe/Berlin'],
  ['america/argentina/buenos_aires', 'America/Buenos_Aires'],
  ['utc', 'UTC'],
  ['Asia/Kolkata', 'Asia/Kolkata'],
  ['Asia/Calcutta', 'Asia/Calcutta'],
  ['CET', 'CET'],
  ['+02:00', null],
  ['mars/base', null],
  ['US/pacific', 'America/Los_Angeles'],
  ['Etc/GMT0', 'Etc/GMT0'],
])('timeZoneName(%j) is %j', (text, expected) => {
  expect(timeZoneName(text)).toBe(expected)
})
