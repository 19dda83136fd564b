import type { RE2JS } from 're2js'
import { SyncError } from '@engage-sync/contract'
import { compileForEngine } from './engine.ts'
import { findRegexProblems } from './regex-check.ts'
import { tokenizePattern } from './regex-tokens.ts'

/** Distinct texts whose verdict one pattern remembers. */
const MAX_REMEMBERED = 4096
/** Longer texts are matched each time: they are rare, and remembering them costs memory. */
const MAX_REMEMBERED_LENGTH = 255
/**
 * Literal patterns up to this length go to the native engine, whose search then costs at most
 * length × text.
 */
const MAX_LITERAL_LENGTH = 64
const IMPOSSIBLE = '[^\\x00-\\x{10FFFF}]'
const LITERAL = /^[0-9A-Za-z _\-@,;:'"#%&=<>!~]+$/u

/**
 * Compile a pattern into a test: found anywhere, in any case, in time linear in the text.
 *
 * Shape: RE2 syntax in, a function from text to verdict out. A trailing `$` also matches before a
 * final newline, as in PCRE. Verdicts of up to 4,096 recent texts are remembered.
 *
 * @throws {SyncError} `FILTER_REGEX` for a pattern that `findRegexProblems` finds fault with
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  return remembering(
    pattern.length <= MAX_LITERAL_LENGTH && LITERAL.test(pattern)
      ? nativeTest(pattern)
      : linearTest(pattern),
  )
}

/**
 * The same test without memory and without the short cut for literal patterns.
 *
 * @throws {SyncError} `FILTER_REGEX`
 */
export function linearTest(pattern: string): (text: string) => boolean {
  const compiled = compileLinear(pattern)
  const beforeNewline = compileBeforeNewline(pattern)
  if (beforeNewline === null) return (text) => compiled.test(text)
  return (text) =>
    compiled.test(text) || (text.endsWith('\n') && beforeNewline.test(text.slice(0, -1)))
}

/**
 * The engine's own form of a pattern.
 *
 * @throws {SyncError} `FILTER_REGEX`
 */
export function compileLinear(pattern: string): RE2JS {
  const [problem] = findRegexProblems(pattern)
  if (problem !== undefined) {
    throw new SyncError('FILTER_REGEX', `${problem.message}, at character ${problem.offset + 1}`, {
      hint: problem.hint ?? undefined,
    })
  }
  return compileForEngine(pattern)
}

/**
 * The form for a text whose final newline was cut off, where `$` holds as it does in PCRE before
 * that newline; `\z` cannot hold there. Null when no `$` means the end of the text.
 */
function compileBeforeNewline(pattern: string): RE2JS | null {
  const tokens = tokenizePattern(pattern)
  const hasDollar = tokens.some(
    ({ kind, text, multiline }) => kind === 'anchor' && text === '$' && !multiline,
  )
  if (!hasDollar) return null
  const text = tokens
    .map((token) => (token.kind === 'anchor' && token.text === '\\z' ? IMPOSSIBLE : token.text))
    .join('')
  return compileForEngine(text)
}

/**
 * A pattern of plain characters only: nothing to backtrack, and `iu` folds case by the same Unicode
 * table.
 */
function nativeTest(pattern: string): (text: string) => boolean {
  const expression = new RegExp(pattern, 'iu')
  return (text) => expression.test(text)
}

/** Two generations of verdicts: what was asked lately survives when the older half is dropped. */
function remembering(test: (text: string) => boolean): (text: string) => boolean {
  let recent = new Map<string, boolean>()
  let older = new Map<string, boolean>()
  return (text) => {
    if (text.length > MAX_REMEMBERED_LENGTH) return test(text)
    const known = recent.get(text)
    if (known !== undefined) return known
    const verdict = older.get(text) ?? test(text)
    if (recent.size >= MAX_REMEMBERED / 2) {
      older = recent
      recent = new Map()
    }
    recent.set(text, verdict)
    return verdict
  }
}
