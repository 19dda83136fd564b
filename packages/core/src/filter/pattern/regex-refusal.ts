import { RE2JSException } from 're2js'
import { compileForEngine } from './engine.ts'
import type { RegexProblem } from './regex-problem.ts'
import { tokenizePattern } from './regex-tokens.ts'
import type { RegexToken } from './regex-tokens.ts'

const REASONS: readonly {
  readonly is: RegExp
  readonly message: string
  readonly hint: string | null
}[] = [
  {
    is: /^missing closing \]/u,
    message: 'this class is not closed',
    hint: 'Write "\\[" for the character.',
  },
  {
    is: /^trailing backslash/u,
    message: 'a backslash at the end escapes nothing',
    hint: 'Write "\\\\" for a backslash.',
  },
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

/**
 * What the engine itself refuses: unbalanced brackets, bad ranges, unknown classes, repetitions of
 * repetitions.
 *
 * Shape: a pattern without unsupported pieces in; at most one problem, since the engine stops at
 * its first.
 */
export function findRefusal(pattern: string): readonly RegexProblem[] {
  try {
    compileForEngine(pattern)
    return []
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return [located(pattern, error.message)]
  }
}

/** The engine's refusal in our words, with its place. */
function located(pattern: string, text: string): RegexProblem {
  const [, reason = text, fragment = ''] = /parsing regexp: (.*?)(?:: `(.*)`)?$/su.exec(text) ?? []
  if (reason.startsWith('missing closing )'))
    return {
      ...openParenthesis(pattern),
      message: 'this group is not closed',
      hint: 'Write "\\(" for the character.',
    }
  if (reason.startsWith('unexpected )'))
    return {
      ...closeParenthesis(pattern),
      message: 'this closes no group',
      hint: 'Write "\\)" for the character.',
    }
  if (reason.startsWith('missing argument')) return nothingToRepeat(pattern)
  const place = {
    offset:
      fragment === ''
        ? Math.max(pattern.length - 1, 0)
        : Math.max(pattern.lastIndexOf(fragment), 0),
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
  if (!reason.startsWith('invalid character class range'))
    return { ...place, message: reason, hint: null }
  return { ...place, message: 'the end of this range comes before its start', hint: null }
}

/**
 * The first quantifier without anything before it; `*text*` is how other languages write
 * "anywhere".
 */
function nothingToRepeat(pattern: string): RegexProblem {
  const tokens = tokenizePattern(pattern)
  const at = tokens.findIndex(
    ({ text }, index) =>
      /^[*+?]/u.test(text) && ['open', 'or', 'flags', undefined].includes(tokens[index - 1]?.kind),
  )
  const offset = Math.max(tokens[at]?.offset ?? 0, 0)
  const words = /^\*([^*?+\\[\](){}|^$.]+)\*?$/u.exec(pattern)?.[1]
  const hint =
    words === undefined
      ? 'Write a backslash before it for the character.'
      : `Write "${words}": it is found anywhere in the text.`
  return { offset, length: 1, message: 'there is nothing to repeat', hint }
}

function openParenthesis(pattern: string): { offset: number; length: number } {
  const open: RegexToken[] = []
  for (const token of tokenizePattern(pattern)) {
    if (token.kind === 'open' || (token.kind === 'flags' && token.text.endsWith(':')))
      open.push(token)
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
