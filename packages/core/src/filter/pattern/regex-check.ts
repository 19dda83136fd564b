import { MAX_PATTERN_BYTES } from '../../braze/filter-limits.ts'
import { MAX_PATTERN_PIECES, patternPieces } from './pattern-size.ts'
import { findRefusal } from './regex-refusal.ts'
import type { RegexProblem } from './regex-problem.ts'
import { tokenizePattern } from './regex-tokens.ts'
import type { RegexToken } from './regex-tokens.ts'
import { escapeProblems, groupProblems } from './regex-unsupported.ts'

const KNOWN_FLAGS = /^\(\?(?:[imsU]+(?:-[imsU]+)?|-[imsU]+)[:)]$/u
const ESCAPE_IN_CLASS = /\\(?:[pPx]\{[^}]*\}|c.|.)/gsu

const encoder = new TextEncoder()
const shown = (count: number) => count.toLocaleString('en')

/**
 * Everything that keeps a pattern from being used, in its order; empty when it can be.
 *
 * Shape: the pattern in; each problem with its exact offset and, where there is one, another way to
 * write it.
 *
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function findRegexProblems(pattern: string): readonly RegexProblem[] {
  const bytes = encoder.encode(pattern).length
  if (bytes > MAX_PATTERN_BYTES) {
    const message = `expected at most ${MAX_PATTERN_BYTES} bytes, as in Braze, got ${bytes}`
    return [{ offset: 0, length: 1, message, hint: 'Split it: several conditions under `any:`.' }]
  }
  const tokens = tokenizePattern(pattern)
  const problems = tokens.flatMap((token, index) =>
    tokenProblems(token, tokens[index - 1], pattern),
  )
  if (problems.length > 0) return problems
  const pieces = patternPieces(pattern)
  if (pieces > MAX_PATTERN_PIECES) {
    const message = `expected at most ${shown(MAX_PATTERN_PIECES)} pieces with repetitions written out, got ${shown(pieces)}`
    return [
      { offset: 0, length: 1, message, hint: 'Repeat less: "*" and "+" are not written out.' },
    ]
  }
  return findRefusal(pattern)
}

function tokenProblems(
  token: RegexToken,
  before: RegexToken | undefined,
  pattern: string,
): readonly RegexProblem[] {
  switch (token.kind) {
    case 'open':
      return groupProblems(token, pattern)
    case 'escape':
    case 'anchor':
      return escapeProblems(token.text, token.offset)
    case 'class':
      return classProblems(token)
    case 'flags':
      return flagProblems(token)
    case 'quantifier':
      return quantifierProblems(token, before)
    default:
      return []
  }
}

function classProblems(token: RegexToken): readonly RegexProblem[] {
  const problems: RegexProblem[] = []
  for (const match of token.text.matchAll(ESCAPE_IN_CLASS)) {
    const offset = token.offset + match.index
    if (match[0] === '\\b')
      problems.push({
        offset,
        length: 2,
        message: '"\\b" is not supported inside a class',
        hint: 'Write "\\x08" for a backspace.',
      })
    else problems.push(...escapeProblems(match[0], offset))
  }
  return problems
}

function flagProblems(token: RegexToken): readonly RegexProblem[] {
  if (KNOWN_FLAGS.test(token.text)) return []
  const hint = token.text.includes('x')
    ? 'Write the pattern without the spaces and comments that "x" allows.'
    : 'The flags are i, m, s and U.'
  return [
    {
      offset: token.offset,
      length: token.text.length,
      message: `unknown flags "${token.text}"`,
      hint,
    },
  ]
}

function quantifierProblems(
  token: RegexToken,
  before: RegexToken | undefined,
): readonly RegexProblem[] {
  const place = { offset: token.offset, length: token.text.length }
  if (/.\+$/su.test(token.text)) {
    const hint = `Write "${token.text.slice(0, -1)}": this engine never backtracks. It may match more than before.`
    return [
      {
        ...place,
        message:
          'a possessive quantifier is not supported: patterns are RE2, so that they take linear time',
        hint,
      },
    ]
  }
  if (before?.kind === 'quantifier') {
    return [
      {
        ...place,
        message: 'a quantifier of a quantifier is not supported',
        hint: 'Put the first one in a group: "(?:…)".',
      },
    ]
  }
  const counts = token.text.match(/\d+/gu)?.map(Number) ?? []
  const [least = 0, most = Infinity] = counts
  if (counts.some((count) => count > 1000)) {
    return [
      {
        ...place,
        message: 'expected at most 1,000 repetitions',
        hint: 'Write two of them, one after the other.',
      },
    ]
  }
  if (least > most) {
    return [
      {
        ...place,
        message: 'expected the smaller number of repetitions first',
        hint: `Write "{${most},${least}}".`,
      },
    ]
  }
  return []
}
