import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cutLines } from '../../../src/streams/messages/cut-lines.ts'

it('cuts at line ends alone, into as few messages as fit, and loses nothing', () => {
  const line = fc.stringMatching(/^[a-z]{0,8}$/u)
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 20 }), (texts, maxBytes) => {
      const lines = Buffer.from(texts.map((text) => `${text}\n`).join(''))

      const parts = [...cutLines(lines, maxBytes)].map((part) => Buffer.from(part))

      expect(Buffer.concat(parts)).toEqual(lines)
      for (const part of parts) {
        expect(part.at(-1)).toBe(0x0a)
        if (part.length > maxBytes) expect(part.indexOf(0x0a)).toBe(part.length - 1)
      }
      for (const [at, part] of parts.entries())
        if (at > 0) {
          const first = part.indexOf(0x0a) + 1
          expect(parts[at - 1]!.length + first).toBeGreaterThan(maxBytes)
        }
    }),
  )
})

it('leaves a last line without its end whole', () => {
  expect([...cutLines(Buffer.from('1\n22'), 2)].map(String)).toEqual(
    ['1\n', '22'].map((text) => String(Buffer.from(text))),
  )
})
