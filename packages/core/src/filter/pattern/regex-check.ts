import { RE2JSException } from 're2js'
import { MAX_PATTERN_BYTES } from '../../schema/vocabulary.ts'
import { compileForEngine } from './engine.ts'
import { MAX_PATTERN_PIECES, patternPieces } from './pattern-size.ts'
import { tokenizePattern } from './regex-tokens.ts'
import type { RegexToken } from './regex-tokens.ts'

/** Why a pattern cannot be used. */
export interface RegexProblem {
  /** Where, in UTF-16 code units from the start of the pattern. */
  readonly offset: number
  /** How long the offending piece is. */
  readonly length: number
  readonly message: string
  /** How to write it instead. */
  readonly hint: string | null
}

interface Unsupported {
  readonly is: RegExp
  readonly what: string
  /** @param before - the pattern up to the piece; @param after - the pattern from its end */
  readonly hint: (text: string, before: string, after: string) => string | null
}

const PLAIN_GROUP = 'At this end of the pattern a plain group says the same: write "(?:…)".'
const TWO_CONDITIONS = 'Split it: several conditions under `all:`, and `not_matches` for what must be missing.'

const GROUPS: readonly Unsupported[] = [
  { is: /^\(\?=/u, what: 'look-ahead', hint: (_, __, after) => (/^[^()]*\)$/u.test(after) ? PLAIN_GROUP : TWO_CONDITIONS) },
  { is: /^\(\?!/u, what: 'negative look-ahead', hint: () => TWO_CONDITIONS },
  { is: /^\(\?<=/u, what: 'look-behind', hint: (_, before) => (before === '' ? PLAIN_GROUP : TWO_CONDITIONS) },
  { is: /^\(\?<!/u, what: 'negative look-behind', hint: () => TWO_CONDITIONS },
  { is: /^\(\?>/u, what: 'an atomic group', hint: () => 'Write "(?:" for "(?>": this engine never backtracks.' },
  { is: /^\(\?\|/u, what: 'a branch reset group', hint: () => 'Write "(?:" for "(?|": group numbers do not matter here.' },
  { is: /^\(\?#/u, what: 'a comment', hint: () => 'Leave it out, or write a YAML comment beside the pattern.' },
  { is: /^\(\?'/u, what: 'a group named in quotes', hint: () => 'Write "(?P<name>…)", or "(?:" since names do not matter here.' },
  { is: /^\(\?(?:R|&|P>|[+-]?\d)/u, what: 'recursion', hint: () => 'Write the repeated part out, as deep as it is needed.' },
  { is: /^\(\?P=/u, what: 'a back-reference', hint: () => 'Write the possible texts out, joined by "|".' },
  { is: /^\(\?\(/u, what: 'a conditional group', hint: () => 'Write both forms out, joined by "|".' },
  { is: /^\(\?C/u, what: 'a callout', hint: () => 'Leave it out.' },
  { is: /^\(\*/u, what: 'a backtracking verb', hint: () => 'Leave it out: this engine never backtracks.' },
  { is: /^\(\?$/u, what: 'this kind of group', hint: () => 'Write "(?:…)" for a group, "\\(" for the character.' },
]

const codePointHint = (text: string) => `Write "\\x{${text.replace(/^\\u\{?|\}$/gu, '')}}".`
const ESCAPES: readonly Unsupported[] = [
  { is: /^\\[1-9]/u, what: 'a back-reference', hint: () => 'Write the possible texts out, joined by "|".' },
  { is: /^\\[gk]/u, what: 'a back-reference', hint: () => 'Write the possible texts out, joined by "|".' },
  { is: /^\\h/u, what: '"\\h" (horizontal space)', hint: () => 'Write "[ \\t]".' },
  { is: /^\\H/u, what: '"\\H" (anything but horizontal space)', hint: () => 'Write "[^ \\t]".' },
  { is: /^\\R/u, what: '"\\R" (any line end)', hint: () => 'Write "(?:\\r\\n|\\n|\\r)".' },
  { is: /^\\X/u, what: '"\\X" (a grapheme)', hint: () => 'Write ".".' },
  { is: /^\\Z/u, what: '"\\Z"', hint: () => 'Write "$": at the end of a pattern it also matches before a final newline.' },
  { is: /^\\K/u, what: '"\\K"', hint: () => 'Leave it out: only whether the pattern matches is looked at.' },
  { is: /^\\G/u, what: '"\\G"', hint: () => 'Write "^".' },
  { is: /^\\N/u, what: '"\\N" (anything but a line end)', hint: () => 'Write "[^\\n]".' },
  { is: /^\\e/u, what: '"\\e" (escape)', hint: () => 'Write "\\x1b".' },
  { is: /^\\C/u, what: '"\\C" (one byte)', hint: () => 'Write ".".' },
  { is: /^\\c/u, what: 'a control character by "\\c"', hint: controlHint },
  { is: /^\\u/u, what: 'a character by "\\u"', hint: codePointHint },
  { is: /^\\o/u, what: 'a character by "\\o"', hint: () => 'Write it by "\\x{…}", in hexadecimal.' },
  { is: /^\\V/u, what: '"\\V" (anything but vertical space)', hint: () => 'Write "[^\\n\\x0B\\f\\r\\x{85}\\x{2028}\\x{2029}]".' },
  { is: /^\\[^\p{ASCII}]/u, what: 'a backslash before a letter that needs none', hint: (text) => `Write "${text.slice(1)}".` },
]
const KNOWN_ESCAPE = /^\\(?:[0-7]{1,3}|[pPx].*|[AbBzdDsSwWafnrtv]|[^0-9A-Za-z]|Q.*)$/su
const KNOWN_FLAGS = /^\(\?(?:[imsU]+(?:-[imsU]+)?|-[imsU]+)[:)]$/u
const ESCAPE_IN_CLASS = /\\(?:[pPx]\{[^}]*\}|c.|.)/gsu

const encoder = new TextEncoder()
const shown = (count: number) => count.toLocaleString('en')

/**
 * Everything that keeps a pattern from being used, in its order; empty when it can be.
 *
 * Shape: the pattern in; each problem with its exact offset and, where there is one, another way to write it.
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
  const problems = tokens.flatMap((token, index) => tokenProblems(token, tokens[index - 1], pattern))
  if (problems.length > 0) return problems
  const pieces = patternPieces(pattern)
  if (pieces > MAX_PATTERN_PIECES) {
    const message = `expected at most ${shown(MAX_PATTERN_PIECES)} pieces with repetitions written out, got ${shown(pieces)}`
    return [{ offset: 0, length: 1, message, hint: 'Repeat less: "*" and "+" are not written out.' }]
  }
  return engineProblem(pattern)
}

function tokenProblems(token: RegexToken, before: RegexToken | undefined, pattern: string): readonly RegexProblem[] {
  switch (token.kind) {
    case 'open':
      return unsupported({ ...token, pattern }, GROUPS)
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

function unsupported(
  { text, offset, pattern = text }: { readonly text: string; readonly offset: number; readonly pattern?: string },
  table: readonly Unsupported[],
): readonly RegexProblem[] {
  const found = table.find(({ is }) => is.test(text))
  if (found === undefined) return []
  const message = `${found.what} is not supported: patterns are RE2, so that they take linear time`
  return [{ offset, length: text.length, message, hint: found.hint(text, pattern.slice(0, offset), pattern.slice(offset + text.length)) }]
}

function escapeProblems(text: string, offset: number): readonly RegexProblem[] {
  if (!text.startsWith('\\')) return []
  if (text === '\\')
    return [{ offset, length: 1, message: 'a backslash at the end escapes nothing', hint: 'Write "\\\\" for a backslash.' }]
  const known = unsupported({ text, offset }, ESCAPES)
  if (known.length > 0 || KNOWN_ESCAPE.test(text)) return known
  const hint = `Write "${text.slice(1)}" for the letter, or "\\\\${text.slice(1)}" for a backslash before it.`
  return [{ offset, length: text.length, message: `unknown escape "${text}"`, hint }]
}

function classProblems(token: RegexToken): readonly RegexProblem[] {
  const problems: RegexProblem[] = []
  for (const match of token.text.matchAll(ESCAPE_IN_CLASS)) {
    const offset = token.offset + match.index
    if (match[0] === '\\b')
      problems.push({ offset, length: 2, message: '"\\b" is not supported inside a class', hint: 'Write "\\x08" for a backspace.' })
    else problems.push(...escapeProblems(match[0], offset))
  }
  return problems
}

function flagProblems(token: RegexToken): readonly RegexProblem[] {
  if (KNOWN_FLAGS.test(token.text)) return []
  const hint = token.text.includes('x')
    ? 'Write the pattern without the spaces and comments that "x" allows.'
    : 'The flags are i, m, s and U.'
  return [{ offset: token.offset, length: token.text.length, message: `unknown flags "${token.text}"`, hint }]
}

function quantifierProblems(token: RegexToken, before: RegexToken | undefined): readonly RegexProblem[] {
  const place = { offset: token.offset, length: token.text.length }
  if (/.\+$/su.test(token.text)) {
    const hint = `Write "${token.text.slice(0, -1)}": this engine never backtracks. It may match more than before.`
    return [{ ...place, message: 'a possessive quantifier is not supported: patterns are RE2, so that they take linear time', hint }]
  }
  if (before?.kind === 'quantifier') {
    return [{ ...place, message: 'a quantifier of a quantifier is not supported', hint: 'Put the first one in a group: "(?:…)".' }]
  }
  const counts = token.text.match(/\d+/gu)?.map(Number) ?? []
  if (counts.some((count) => count > 1000)) {
    return [{ ...place, message: 'expected at most 1,000 repetitions', hint: 'Write two of them, one after the other.' }]
  }
  if (counts.length === 2 && counts[0] > counts[1]) {
    return [{ ...place, message: 'expected the smaller number of repetitions first', hint: `Write "{${counts[1]},${counts[0]}}".` }]
  }
  return []
}

/** What the engine itself refuses: unbalanced brackets, bad ranges, unknown classes, repetitions of repetitions. */
function engineProblem(pattern: string): readonly RegexProblem[] {
  try {
    compileForEngine(pattern)
    return []
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return [located(pattern, error.message)]
  }
}

const REASONS: readonly { readonly is: RegExp; readonly message: string; readonly hint: string | null }[] = [
  { is: /^missing closing \]/u, message: 'this class is not closed', hint: 'Write "\\[" for the character.' },
  { is: /^trailing backslash/u, message: 'a backslash at the end escapes nothing', hint: 'Write "\\\\" for a backslash.' },
  {
    is: /^invalid repeat count/u,
    message: 'the repetitions multiply to more than 1,000',
    hint: 'Repeat less: "*" and "+" have no such limit.',
  },
  {
    is: /^duplicate capture/u,
    message: 'this group name stands twice',
    hint: 'Leave the names out: only whether the pattern matches is looked at.',
  },
  {
    is: /^invalid or unsupported Perl/u,
    message: 'this is no group that patterns know',
    hint: 'Write "(?:…)" for a group, "\\(" for the character.',
  },
  {
    is: /^invalid named capture/u,
    message: 'a group name holds letters, digits and "_" only',
    hint: 'Write "(?:…)": names do not matter here.',
  },
  {
    is: /^invalid escape/u,
    message: 'this escape cannot stand here',
    hint: 'Inside a class, a range needs a single character at both ends.',
  },
]

/** The engine's refusal in our words, with its place. */
function located(pattern: string, text: string): RegexProblem {
  const [, reason = text, fragment = ''] = /parsing regexp: (.*?)(?:: `(.*)`)?$/su.exec(text) ?? []
  if (reason.startsWith('missing closing )'))
    return { ...openParenthesis(pattern), message: 'this group is not closed', hint: 'Write "\\(" for the character.' }
  if (reason.startsWith('unexpected )'))
    return { ...closeParenthesis(pattern), message: 'this closes no group', hint: 'Write "\\)" for the character.' }
  if (reason.startsWith('missing argument')) return nothingToRepeat(pattern)
  const place = {
    offset: fragment === '' ? Math.max(pattern.length - 1, 0) : Math.max(pattern.lastIndexOf(fragment), 0),
    length: Math.max(fragment.length, 1),
  }
  const known = REASONS.find(({ is }) => is.test(reason))
  if (known !== undefined) return { ...place, message: known.message, hint: known.hint }
  if (/^(?:\[:|\\[pP])/u.test(fragment))
    return {
      ...place,
      message: `unknown character class "${fragment}"`,
      hint: 'Known are [:alpha:], [:digit:] and their like, \\p{L}, \\p{Greek}.',
    }
  if (!reason.startsWith('invalid character class range')) return { ...place, message: reason, hint: null }
  return { ...place, message: 'the end of this range comes before its start', hint: null }
}

/** The first quantifier without anything before it; `*text*` is how other languages write "anywhere". */
function nothingToRepeat(pattern: string): RegexProblem {
  const tokens = tokenizePattern(pattern)
  const at = tokens.findIndex(
    ({ text }, index) => /^[*+?]/u.test(text) && ['open', 'or', 'flags', undefined].includes(tokens[index - 1]?.kind),
  )
  const offset = Math.max(tokens[at]?.offset ?? 0, 0)
  const words = /^\*([^*?+\\[\](){}|^$.]+)\*?$/u.exec(pattern)?.[1]
  const hint =
    words === undefined ? 'Write a backslash before it for the character.' : `Write "${words}": it is found anywhere in the text.`
  return { offset, length: 1, message: 'there is nothing to repeat', hint }
}

function openParenthesis(pattern: string): { offset: number; length: number } {
  const open: RegexToken[] = []
  for (const token of tokenizePattern(pattern)) {
    if (token.kind === 'open' || (token.kind === 'flags' && token.text.endsWith(':'))) open.push(token)
    else if (token.kind === 'close') open.pop()
  }
  const last = open.at(-1)
  return { offset: last?.offset ?? 0, length: last?.text.length ?? 1 }
}

function closeParenthesis(pattern: string): { offset: number; length: number } {
  let depth = 0
  for (const token of tokenizePattern(pattern)) {
    if (token.kind === 'open' || (token.kind === 'flags' && token.text.endsWith(':'))) depth++
    else if (token.kind === 'close' && --depth < 0) return { offset: token.offset, length: 1 }
  }
  return { offset: 0, length: 1 }
}

function controlHint(text: string): string | null {
  const code = text.toUpperCase().charCodeAt(2)
  return Number.isNaN(code) ? null : `Write "\\x${(code ^ 64).toString(16).padStart(2, '0')}".`
}
