import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findRegexProblems } from '../../../src/filter/pattern/regex-check.ts'
import { patternPieces } from '../../../src/filter/pattern/pattern-size.ts'
import { findRegexRemarks } from '../../../src/filter/pattern/regex-lint.ts'
import { tokenizePattern } from '../../../src/filter/pattern/regex-tokens.ts'
import { linearTest } from '../../../src/filter/pattern/regex.ts'

describe('findRegexProblems', () => {
  it.each([
    ['abc(?=d)', 4, 'look-ahead'],
    ['ab(?!d)', 3, 'negative look-ahead'],
    ['(?<=a)b', 1, 'look-behind'],
    ['(?<!a)b', 1, 'negative look-behind'],
    ['(a)\\1', 4, 'back-reference'],
    ['(?P<n>a)(?P=n)', 9, 'back-reference'],
    ['(?<n>a)\\k<n>', 8, 'back-reference'],
    ['(a)\\g{1}', 4, 'back-reference'],
    ['ab++', 3, 'possessive'],
    ['x*+', 2, 'possessive'],
    ['(?>a)b', 1, 'atomic'],
    ['a\\hb', 2, '\\\\h'],
    ['[ab\\h]', 4, '\\\\h'],
    ['a\\R', 2, '\\\\R'],
    ['\\X', 1, '\\\\X'],
    ['a\\Z', 2, '\\\\Z'],
    ['a\\Kb', 2, '\\\\K'],
    ['(?R)', 1, 'recursion'],
    ['(a)(?1)', 4, 'recursion'],
    ['(?|a|b)', 1, 'branch reset'],
    ['caf\\u00e9', 4, '\\\\u'],
    ['\\cA', 1, 'control character'],
    ['\\y', 1, 'unknown escape'],
    ['a\\é', 2, 'needs none'],
    ['(?#note)a', 1, 'comment'],
    ['(?x) a b', 1, 'unknown flags'],
    ['(*UTF)a', 1, 'verb'],
    ['(?(1)a|b)', 1, 'conditional'],
    ['a**', 3, 'quantifier of a quantifier'],
    ['a{1001}', 2, '1,000'],
    ['a{3,2}', 2, 'smaller number'],
    ['((a{0,100}){0,100})', 12, 'multiply'],
    ['a(b', 2, 'not closed'],
    ['ab)', 3, 'closes no group'],
    ['a|*', 3, 'nothing to repeat'],
    ['[abc', 1, 'not closed'],
    ['x[z-a]', 3, 'range'],
    ['[[:foo:]]', 2, 'unknown character class'],
    ['\\p{Foo}', 1, 'unknown character class'],
    ['a\\', 2, 'escapes nothing'],
  ])('finds the fault in %j at character %i', (pattern, character, message) => {
    const [problem] = findRegexProblems(pattern)

    expect(problem.offset + 1).toBe(character)
    expect(problem.message).toMatch(new RegExp(message, 'u'))
  })

  it.each([
    ['caf\\u00e9', '\\x{00e9}'],
    ['\\cA', '\\x01'],
    ['\\h', '[ \\t]'],
    ['(?>a)', '(?:'],
    ['a\\Z', '$'],
    ['\\R', '(?:\\r\\n|\\n|\\r)'],
    ['\\N', '[^\\n]'],
    ['sweater(?=s)', 'plain group'],
    ['(?<=blue )sweater', 'plain group'],
    ['^(?=.*a)b', 'all:'],
    ['^(?!test)', 'not_matches'],
    ['\\é', 'é'],
  ])('says how to write %j instead', (pattern, rewrite) => {
    expect(findRegexProblems(pattern)[0].hint).toContain(rewrite)
  })

  it('finds every fault, not just the first', () => {
    expect(findRegexProblems('(?=a)\\h\\1').map(({ offset }) => offset)).toEqual([0, 5, 7])
  })

  it.each([
    '',
    'sweater',
    '^(gold|silver)$',
    '[]a]',
    '[^\\]]',
    '\\Qa(?=b\\E',
    '\\x{1F600}',
    '(?i)a',
    '(?P<n>a)',
    '(?<n>a)',
    '(?s:.)',
    '\\pL\\p{Greek}',
    '[[:alpha:]]',
    'a{2,}?',
    '\\/\\-\\_',
    '\\012',
  ])('has no fault to find in %j', (pattern) => {
    expect(findRegexProblems(pattern)).toEqual([])
  })

  it('refuses more than 10,000 bytes, counted as UTF-8', () => {
    expect(findRegexProblems('a'.repeat(10_000))).toEqual([])
    expect(findRegexProblems('é'.repeat(5_001))[0].message).toContain('10002')
  })

  it('never throws, and what it finds no fault in compiles', () => {
    const char = fc.constantFrom(...'ab()[]{}|*+?.^$\\123,-:=!<>#PQEhduxpzm\n é')
    fc.assert(
      fc.property(fc.string({ unit: char, maxLength: 12 }), (pattern) => {
        const problems = findRegexProblems(pattern)
        for (const { offset, length } of problems)
          expect(offset >= 0 && length > 0 && offset < pattern.length).toBe(true)
        if (problems.length === 0) {
          expect(() => linearTest(pattern)('ab\n')).not.toThrow()
          expect(() => findRegexRemarks(pattern)).not.toThrow()
        }
        expect(
          tokenizePattern(pattern)
            .map(({ text }) => text)
            .join(''),
        ).toBe(pattern)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('findRegexRemarks', () => {
  it.each(['a^b', '$a', '[^\\s\\S]', 'x\\bx', '(a|b^)c$d', '\\z.'])(
    'warns that %j never matches',
    (pattern) => {
      expect(findRegexRemarks(pattern).map(({ code }) => code)).toEqual(['FILTER_REGEX_NEVER'])
    },
  )

  it.each(['', 'a*', '^', '.*', '^.*$', 'a|', '(x|)', '$', '[\\s\\S]*$'])(
    'warns that %j matches everything',
    (pattern) => {
      expect(findRegexRemarks(pattern).map(({ code }) => code)).toEqual(['FILTER_REGEX_ALWAYS'])
    },
  )

  it.each([
    ['a\\v', 1],
    ['ab{,3}', 2],
    ['(a$\n|b)', 2],
  ])('warns that PCRE reads %j differently', (pattern, offset) => {
    expect(findRegexRemarks(pattern)).toMatchObject([{ code: 'FILTER_REGEX_DIFFERS', offset }])
  })

  it.each(['sweater', '^$', '.+', 'a\\b', '\\ba\\Bb', 'é\\b', '(?m)a$\nb', '^\\s*x'])(
    'has nothing to say about %j',
    (pattern) => {
      expect(findRegexRemarks(pattern)).toEqual([])
    },
  )

  it('is right: what never matches fails on any text, what always matches passes', () => {
    const piece = fc.constantFrom(
      'a',
      '\\b',
      '\\B',
      '^',
      '$',
      '\\z',
      '[^a]',
      ' ',
      '.',
      'a?',
      '(?m)',
      '|',
      '\\n',
    )
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '-'), maxLength: 5 })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), text, (pieces, value) => {
        const pattern = pieces.join('')
        const codes = findRegexRemarks(pattern).map(({ code }) => code)
        const test = linearTest(pattern)
        if (codes.includes('FILTER_REGEX_NEVER')) expect(test(value)).toBe(false)
        if (codes.includes('FILTER_REGEX_ALWAYS') && !value.includes('\n'))
          expect(test(value)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a glob', () => {
  it.each([
    ['*sweater*', 0, 'Write "sweater": it is found anywhere in the text.'],
    ['*a*b*c', 0, 'Write a backslash before it for the character.'],
    ['ab|*c', 3, 'Write a backslash before it for the character.'],
    ['(+)', 1, 'Write a backslash before it for the character.'],
  ])('%s is told at its first star', (pattern, offset, hint) => {
    expect(findRegexProblems(pattern)[0]).toMatchObject({ offset, length: 1, hint })
  })
})

describe('a pattern that grows when it is compiled', () => {
  it.each([
    ['(?:a?){1000}'.repeat(30), 30_000],
    ['(?:(?:ab){100}){1000}', 200_000],
    ['(?:x{1000}|y{2,900}){12}', 22_812],
  ])('%s is refused before that', (pattern, pieces) => {
    expect(patternPieces(pattern)).toBe(pieces)
    expect(findRegexProblems(pattern)[0].message).toContain('20,000 pieces')
  })

  it.each([
    ['^(gold|silver)$', 13],
    ['a{3}b*c+', 5],
    ['.{0,500}', 500],
    ['a{1000}', 1000],
  ])('%s is not', (pattern, pieces) => {
    expect(patternPieces(pattern)).toBe(pieces)
    expect(findRegexProblems(pattern)).toEqual([])
  })
})
