import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePattern, linearTest } from '../../../src/filter/pattern/regex.ts'

describe('compilePattern', () => {
  it.each([
    ['sweater', 'Blue SWEATER, large', true],
    ['sweater', 'shirt', false],
    ['^gold$', 'Gold', true],
    ['^gold$', 'golden', false],
    ['(^gold$)|(^silver$)', 'SILVER', true],
    ['a.c', 'a\nc', false],
    ['straße', 'STRASSE', false],
    ['é', 'É', true],
    ['k', '\u212a', true],
    ['a-b', 'xA-B', true],
    ['', 'anything', true],
  ])('%j on %j is %s', (pattern, text, verdict) => {
    expect(compilePattern(pattern)(text)).toBe(verdict)
  })

  it.each([
    ['a$', 'a\n', true],
    ['a$', 'a\n\n', false],
    ['(^gold$)|(^silver$)', 'gold\n', true],
    ['(?:a|b$)c?', 'b\n', true],
    ['a\\z', 'a\n', false],
    ['a\\z|b$', 'a\n', false],
    ['[$]', 'a\n', false],
    ['\\$', 'a\n', false],
    ['(?m)a$', 'a\nb', true],
    ['(?-m:a$)', 'a\nb', false],
  ])('reads "$" as PCRE does: %j on %j is %s', (pattern, text, verdict) => {
    expect(compilePattern(pattern)(text)).toBe(verdict)
  })

  it('refuses what it cannot do, with the place', () => {
    expect(() => compilePattern('a(?=b)')).toThrow(
      expect.objectContaining({ code: 'FILTER_REGEX' }),
    )
    expect(() => compilePattern('a(?=b)')).toThrow(/character 2/u)
  })

  it('takes linear time where a backtracking engine takes years', () => {
    const test = compilePattern('(a+)+$')
    const started = performance.now()

    expect(test(`${'a'.repeat(5000)}!`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('gives the same verdict when asked again, and beyond its memory', () => {
    const test = compilePattern('^x[0-4]')
    const texts = Array.from({ length: 6000 }, (_, index) => `x${index}`)
    const first = texts.map(test)

    expect(texts.map(test)).toEqual(first)
    expect(first.filter(Boolean).length).toBe(texts.filter((text) => /^x[0-4]/u.test(text)).length)
  })

  it('agrees with the native engine on patterns both know', () => {
    const piece = fc.constantFrom(
      'a',
      'B',
      'k',
      's',
      '7',
      ' ',
      '_',
      '.',
      'é',
      '[a-c]',
      '[^x]',
      '\\d',
      '\\w',
      '(ab|C)',
      '(?:k)',
      'a*',
      'b+',
      'c?',
      '\\.',
      's{2}',
    )
    const pattern = fc
      .tuple(
        fc.constantFrom('', '^'),
        fc.array(piece, { maxLength: 6 }),
        fc.constantFrom('', '\\b'),
      )
      .map(([start, middle, end]) => start + middle.join('') + end)
    const text = fc.string({
      unit: fc.constantFrom(
        'a',
        'A',
        'b',
        'B',
        'c',
        'k',
        '\u212a',
        's',
        'ſ',
        'S',
        'x',
        '7',
        ' ',
        '_',
        '.',
        'é',
        'É',
        '\n',
      ),
      maxLength: 10,
    })
    fc.assert(
      fc.property(pattern, text, (expression, value) => {
        // ASCII classes and boundaries fold differently in JavaScript, so those patterns are
        // compared without k and s.
        fc.pre(!/\\[wb]|\[\^/u.test(expression) || !/[\u212aſ]/u.test(value))
        expect(compilePattern(expression)(value)).toBe(new RegExp(expression, 'iu').test(value))
      }),
      { numRuns: 300 },
    )
  })

  it('gives literal patterns the verdict of the linear engine', () => {
    const char = fc.constantFrom(...'abKkSs01 _-@,;:\'"#%&=<>!~')
    fc.assert(
      fc.property(
        fc.string({ unit: char, minLength: 1, maxLength: 4 }),
        fc.string({ unit: fc.oneof(char, fc.constantFrom('\u212a', 'ſ', 'é')), maxLength: 8 }),
        (pattern, text) => {
          expect(compilePattern(pattern)(text)).toBe(linearTest(pattern)(text))
        },
      ),
      { numRuns: 300 },
    )
  })
})
