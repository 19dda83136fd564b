import { describe, expect, it } from 'vitest'
import { isTimeZone, readCountry } from '../../src/attributes/places.ts'

describe('readCountry', () => {
  it.each([
    ['DE', 'DE'],
    ['de', 'DE'],
    ['Germany', 'DE'],
    [' united kingdom ', 'GB'],
    ['United States', 'US'],
  ])('maps %s to %s', (given, code) => expect(readCountry(given)).toBe(code))

  it.each(['ZZ', 'XX', 'EU', 'Atlantis', '', 'DEU', 7])('does not map %s', (given) =>
    expect(readCountry(given)).toBeNull(),
  )
})

describe('isTimeZone', () => {
  it.each(['UTC', 'Europe/Paris', 'America/Argentina/Buenos_Aires'])('knows %s', (name) =>
    expect(isTimeZone(name)).toBe(true),
  )
  it.each(['Mars/Base', '+02:00', '', 1])('does not know %s', (name) =>
    expect(isTimeZone(name)).toBe(false),
  )
})
