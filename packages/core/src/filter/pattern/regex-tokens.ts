/** One piece of a pattern. `multiline` says whether `^` and `$` mean line ends there. */
export interface RegexToken {
  readonly kind:
    | 'literal'
    | 'escape'
    | 'class'
    | 'dot'
    | 'anchor'
    | 'open'
    | 'close'
    | 'or'
    | 'quantifier'
    | 'flags'
    | 'quoted'
  readonly text: string
  /** In UTF-16 code units from the start of the pattern. */
  readonly offset: number
  readonly multiline: boolean
}

const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})[?+]?/u
const FLAGS = /^\(\?[A-Za-z]*(?:-[A-Za-z]*)?[:)]/u
/** Everything `(?` may begin that is not a list of flags, longest first. */
const GROUP = /^\((?:\?(?:<[=!]|P[<>=]|[=!>|#:&<'(CR]|[+-]?\d)|\*)?/u
const LONG_ESCAPE =
  /^\\(?:[pP](?:\{\^?[^}]*\}|.)|x(?:\{[^}]*\}|[0-9A-Fa-f]{2})|[0-7]{1,3}|c.|u[0-9A-Fa-f]{4}|u\{[^}]*\}|[gk](?:\{[^}]*\}|<[^>]*>|'[^']*'|-?\d+)?)/su

/**
 * Cut a pattern into its pieces, without judging them.
 *
 * Shape: any text in; tokens that join to the same text out. What is cut short (an open class, a
 * lone backslash) becomes a last token.
 */
export function tokenizePattern(pattern: string): readonly RegexToken[] {
  const tokens: RegexToken[] = []
  const enclosing: boolean[] = []
  let multiline = false
  let at = 0
  while (at < pattern.length) {
    const { kind, text } = nextPiece(pattern, at, tokens.at(-1)?.kind)
    tokens.push({ kind, text, offset: at, multiline })
    if (kind === 'open') enclosing.push(multiline)
    if (kind === 'close') multiline = enclosing.pop() ?? multiline
    if (kind === 'flags') {
      if (text.endsWith(':')) enclosing.push(multiline)
      multiline = flagsSay(text, multiline)
    }
    at += text.length
  }
  return tokens
}

function flagsSay(text: string, before: boolean): boolean {
  const [on = '', off = ''] = text.slice(2, -1).split('-')
  if (on.includes('m')) return true
  return off.includes('m') ? false : before
}

function nextPiece(
  pattern: string,
  at: number,
  before: RegexToken['kind'] | undefined,
): { kind: RegexToken['kind']; text: string } {
  const char = pattern[at]
  if (char === '\\') return escapePiece(pattern, at)
  if (char === '[') return { kind: 'class', text: pattern.slice(at, classEnd(pattern, at)) }
  if (char === '(') return groupPiece(pattern.slice(at))
  if (char === ')') return { kind: 'close', text: char }
  if (char === '|') return { kind: 'or', text: char }
  if (char === '.') return { kind: 'dot', text: char }
  if (char === '^' || char === '$') return { kind: 'anchor', text: char }
  const quantifier = before === undefined ? null : QUANTIFIER.exec(pattern.slice(at))
  if (quantifier !== null) return { kind: 'quantifier', text: quantifier[0] }
  return { kind: 'literal', text: codePointAt(pattern, at) }
}

/** The character at a place, whole where it takes two units. */
function codePointAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at) ?? 0)
}

function escapePiece(pattern: string, at: number): { kind: RegexToken['kind']; text: string } {
  if (pattern.startsWith('\\Q', at)) {
    const end = pattern.indexOf('\\E', at)
    return { kind: 'quoted', text: end < 0 ? pattern.slice(at) : pattern.slice(at, end + 2) }
  }
  const long = LONG_ESCAPE.exec(pattern.slice(at))
  const next = pattern.codePointAt(at + 1)
  const text = long?.[0] ?? (next === undefined ? '\\' : `\\${String.fromCodePoint(next)}`)
  return { kind: /^\\[AzZbBG]/u.test(text) ? 'anchor' : 'escape', text }
}

function groupPiece(rest: string): { kind: RegexToken['kind']; text: string } {
  const flags = FLAGS.exec(rest)
  if (flags !== null && flags[0] !== '(?:' && !/^\(\?[RP]/u.test(flags[0]))
    return { kind: 'flags', text: flags[0] }
  const opening = GROUP.exec(rest)?.[0] ?? '('
  if (opening === '(?#') {
    const end = rest.indexOf(')')
    return { kind: 'open', text: rest.slice(0, end < 0 ? rest.length : end) }
  }
  return { kind: 'open', text: opening }
}

/** Offset after the `]` that closes the class beginning at `start`. */
function classEnd(pattern: string, start: number): number {
  let at = start + 1
  if (pattern[at] === '^') at++
  if (pattern[at] === ']') at++
  for (; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern[at] === ']') return at + 1
    else if (pattern.startsWith('[:', at)) {
      const close = pattern.indexOf(':]', at)
      if (close > 0) at = close + 1
    }
  }
  return pattern.length
}
