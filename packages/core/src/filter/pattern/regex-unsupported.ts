import type { RegexProblem } from './regex-problem.ts'
import type { RegexToken } from './regex-tokens.ts'

interface Unsupported {
  readonly is: RegExp
  readonly what: string
  /** @param before - the pattern up to the piece; @param after - the pattern from its end */
  readonly hint: (text: string, before: string, after: string) => string | null
}

const PLAIN_GROUP = 'At this end of the pattern a plain group says the same: write "(?:…)".'
const TWO_CONDITIONS =
  'Split it: several conditions under `all:`, and `not_matches` for what must be missing.'

const GROUPS: readonly Unsupported[] = [
  {
    is: /^\(\?=/u,
    what: 'look-ahead',
    hint: (_, __, after) => (/^[^()]*\)$/u.test(after) ? PLAIN_GROUP : TWO_CONDITIONS),
  },
  { is: /^\(\?!/u, what: 'negative look-ahead', hint: () => TWO_CONDITIONS },
  {
    is: /^\(\?<=/u,
    what: 'look-behind',
    hint: (_, before) => (before === '' ? PLAIN_GROUP : TWO_CONDITIONS),
  },
  { is: /^\(\?<!/u, what: 'negative look-behind', hint: () => TWO_CONDITIONS },
  {
    is: /^\(\?>/u,
    what: 'an atomic group',
    hint: () => 'Write "(?:" for "(?>": this engine never backtracks.',
  },
  {
    is: /^\(\?\|/u,
    what: 'a branch reset group',
    hint: () => 'Write "(?:" for "(?|": group numbers do not matter here.',
  },
  {
    is: /^\(\?#/u,
    what: 'a comment',
    hint: () => 'Leave it out, or write a YAML comment beside the pattern.',
  },
  {
    is: /^\(\?'/u,
    what: 'a group named in quotes',
    hint: () => 'Write "(?P<name>…)", or "(?:" since names do not matter here.',
  },
  {
    is: /^\(\?(?:R|&|P>|[+-]?\d)/u,
    what: 'recursion',
    hint: () => 'Write the repeated part out, as deep as it is needed.',
  },
  {
    is: /^\(\?P=/u,
    what: 'a back-reference',
    hint: () => 'Write the possible texts out, joined by "|".',
  },
  {
    is: /^\(\?\(/u,
    what: 'a conditional group',
    hint: () => 'Write both forms out, joined by "|".',
  },
  { is: /^\(\?C/u, what: 'a callout', hint: () => 'Leave it out.' },
  {
    is: /^\(\*/u,
    what: 'a backtracking verb',
    hint: () => 'Leave it out: this engine never backtracks.',
  },
  {
    is: /^\(\?$/u,
    what: 'this kind of group',
    hint: () => 'Write "(?:…)" for a group, "\\(" for the character.',
  },
]

const codePointHint = (text: string) => `Write "\\x{${text.replace(/^\\u\{?|\}$/gu, '')}}".`
const ESCAPES: readonly Unsupported[] = [
  {
    is: /^\\[1-9]/u,
    what: 'a back-reference',
    hint: () => 'Write the possible texts out, joined by "|".',
  },
  {
    is: /^\\[gk]/u,
    what: 'a back-reference',
    hint: () => 'Write the possible texts out, joined by "|".',
  },
  { is: /^\\h/u, what: '"\\h" (horizontal space)', hint: () => 'Write "[ \\t]".' },
  { is: /^\\H/u, what: '"\\H" (anything but horizontal space)', hint: () => 'Write "[^ \\t]".' },
  { is: /^\\R/u, what: '"\\R" (any line end)', hint: () => 'Write "(?:\\r\\n|\\n|\\r)".' },
  { is: /^\\X/u, what: '"\\X" (a grapheme)', hint: () => 'Write ".".' },
  {
    is: /^\\Z/u,
    what: '"\\Z"',
    hint: () => 'Write "$": at the end of a pattern it also matches before a final newline.',
  },
  {
    is: /^\\K/u,
    what: '"\\K"',
    hint: () => 'Leave it out: only whether the pattern matches is looked at.',
  },
  { is: /^\\G/u, what: '"\\G"', hint: () => 'Write "^".' },
  { is: /^\\N/u, what: '"\\N" (anything but a line end)', hint: () => 'Write "[^\\n]".' },
  { is: /^\\e/u, what: '"\\e" (escape)', hint: () => 'Write "\\x1b".' },
  { is: /^\\C/u, what: '"\\C" (one byte)', hint: () => 'Write ".".' },
  { is: /^\\c/u, what: 'a control character by "\\c"', hint: controlHint },
  { is: /^\\u/u, what: 'a character by "\\u"', hint: codePointHint },
  {
    is: /^\\o/u,
    what: 'a character by "\\o"',
    hint: () => 'Write it by "\\x{…}", in hexadecimal.',
  },
  {
    is: /^\\V/u,
    what: '"\\V" (anything but vertical space)',
    hint: () => 'Write "[^\\n\\x0B\\f\\r\\x{85}\\x{2028}\\x{2029}]".',
  },
  {
    is: /^\\[^\p{ASCII}]/u,
    what: 'a backslash before a letter that needs none',
    hint: (text) => `Write "${text.slice(1)}".`,
  },
]
const KNOWN_ESCAPE = /^\\(?:[0-7]{1,3}|[pPx].*|[AbBzdDsSwWafnrtv]|[^0-9A-Za-z]|Q.*)$/su

/** What keeps the start of a group from being used. */
export function groupProblems(
  { text, offset }: RegexToken,
  pattern: string,
): readonly RegexProblem[] {
  return unsupported({ text, offset, pattern }, GROUPS)
}

/**
 * What keeps an escape from being used, in a class or outside.
 *
 * @param offset - of the backslash, in UTF-16 code units from the start of the pattern
 */
export function escapeProblems(text: string, offset: number): readonly RegexProblem[] {
  if (!text.startsWith('\\')) return []
  if (text === '\\')
    return [
      {
        offset,
        length: 1,
        message: 'a backslash at the end escapes nothing',
        hint: 'Write "\\\\" for a backslash.',
      },
    ]
  const known = unsupported({ text, offset }, ESCAPES)
  if (known.length > 0 || KNOWN_ESCAPE.test(text)) return known
  const hint = `Write "${text.slice(1)}" for the letter, or "\\\\${text.slice(1)}" for a backslash before it.`
  return [{ offset, length: text.length, message: `unknown escape "${text}"`, hint }]
}

function unsupported(
  {
    text,
    offset,
    pattern = text,
  }: { readonly text: string; readonly offset: number; readonly pattern?: string },
  table: readonly Unsupported[],
): readonly RegexProblem[] {
  const found = table.find(({ is }) => is.test(text))
  if (found === undefined) return []
  const message = `${found.what} is not supported: patterns are RE2, so that they take linear time`
  return [
    {
      offset,
      length: text.length,
      message,
      hint: found.hint(text, pattern.slice(0, offset), pattern.slice(offset + text.length)),
    },
  ]
}

function controlHint(text: string): string | null {
  const code = text.toUpperCase().charCodeAt(2)
  return Number.isNaN(code) ? null : `Write "\\x${(code ^ 64).toString(16).padStart(2, '0')}".`
}
