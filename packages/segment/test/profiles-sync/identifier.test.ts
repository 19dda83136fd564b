import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteName } from '../../src/profiles-sync/identifier.ts'

describe('quoteName', () => {
  it('keeps a name whole, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }), (name) => {
        fc.pre(!name.includes('\0') && Buffer.byteLength(name) <= 63)
        const quoted = quoteName(name)
        expect(quoted.slice(1, -1).replaceAll('""', '')).not.toContain('"')
        expect(quoted.slice(1, -1).replaceAll('""', '"')).toBe(name)
      }),
      { numRuns: 200 },
    )
  })

  it.each(['', 'a\0b', 'x'.repeat(64)])('refuses what PostgreSQL cannot have', (name) => {
    expect(() => quoteName(name)).toThrow(expect.objectContaining({ code: 'SOURCE_SCHEMA' }))
  })
})
