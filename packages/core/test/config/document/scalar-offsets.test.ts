import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Document, Scalar } from 'yaml'
import { parseConfig } from '../../../src/config/document/parse.ts'

const STYLES = ['PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'] as const

/** A file with one text in one style, in the way `yaml` itself writes it. */
function fileWith(text: string, style: (typeof STYLES)[number], lineWidth: number): string {
  const document = new Document({ a: { b: 'x' } })
  const scalar = new Scalar(text)
  scalar.type = style
  document.setIn(['a', 'b'], scalar)
  return document.toString({ lineWidth })
}

/** The character of the file at which one character of the value stands. */
function characterAt(text: string, index: number): string {
  const document = parseConfig('shop.yaml', text)
  const { line, column } = document.rangeInside(['a', 'b'], index, index + 1)
  return document.lineText(line)[column - 1] ?? ''
}

describe('places inside a text', () => {
  it('are where the character stands, in every style YAML has', () => {
    const letters = fc.string({
      unit: fc.constantFrom(...'ab(c?[]{}:#-é\\"\'. '),
      minLength: 1,
      maxLength: 60,
    })
    fc.assert(
      fc.property(
        letters,
        fc.constantFrom(...STYLES),
        fc.constantFrom(0, 20, 80),
        (text, style, lineWidth) => {
          const file = fileWith(text, style, lineWidth)
          const value = (parseConfig('shop.yaml', file).value as { a: { b: string } }).a.b
          fc.pre(value === text) // A folded block of blanks alone is read as nothing.
          for (let index = 0; index < text.length; index += 1) {
            if (text[index] === ' ') continue
            const found = characterAt(file, index)
            expect([text[index], '\\', "'"]).toContain(found)
          }
        },
      ),
      { numRuns: 400 },
    )
  })

  it.each([
    ["a: { b: 'it''s (x' }", 5, '(', 16],
    ['a: { b: "t\\tab (x" }', 5, '(', 16],
    ['a: { b: "\\u00e9(x" }', 1, '(', 16],
    ['a: { b: "\\U0001F600(x" }', 2, '(', 20],
    ['a:\n  b: |\n    one\n    (x\n', 4, '(', 5],
    ['a:\n  b: >-\n    one\n    (x\n', 4, '(', 5],
    ['a:\n  b: |2\n      one\n     (x\n', 7, '(', 6],
    ['a:\n  b: one\n    (x\n', 4, '(', 5],
    ['a:\n  b: "one\n\n    (x"\n', 4, '(', 5],
    ['a:\n  b: "one\\\n    (x"\n', 3, '(', 5],
    ['a:\r\n  b: |\r\n    one\r\n    (x\r\n', 4, '(', 5],
  ])('%j: character %i is %s in column %i', (text, index, character, column) => {
    const document = parseConfig('shop.yaml', text)

    expect((document.value as { a: { b: string } }).a.b[index]).toBe(character)
    expect(document.rangeInside(['a', 'b'], index, index + 1).column).toBe(column)
  })
})
