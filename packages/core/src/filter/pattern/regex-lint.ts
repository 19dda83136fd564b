import { itemAt } from '@engage-sync/contract'
import { tokenizePattern } from './regex-tokens.ts'
import { compileLinear } from './regex.ts'

/** Something odd about a pattern that can be used. */
export interface RegexRemark {
  readonly code: 'FILTER_REGEX_NEVER' | 'FILTER_REGEX_ALWAYS' | 'FILTER_REGEX_DIFFERS'
  readonly offset: number
  readonly message: string
  readonly hint: string
}

/** What stands on one side of a position in a text. */
type Side = 'edge' | 'newline' | 'word' | 'other'
const SIDES: readonly Side[] = ['edge', 'newline', 'word', 'other']

/** The engine's instructions, as far as they are read here. */
interface Instruction {
  readonly op: number
  readonly out: number
  readonly arg: number
  readonly runes: ArrayLike<number>
  matchRune(rune: number): boolean
}
interface Program {
  readonly inst: readonly Instruction[]
  readonly start: number
}

const OP = {
  alt: 1,
  altMatch: 2,
  capture: 3,
  emptyWidth: 4,
  match: 6,
  nop: 7,
  rune: 8,
  rune1: 9,
  any: 10,
  anyButNewline: 11,
} as const
const EMPTY = {
  beginLine: 1,
  endLine: 2,
  beginText: 4,
  endText: 8,
  boundary: 16,
  noBoundary: 32,
} as const
const ANYTHING =
  /^(?:(?:\^|\\A)?\(?(?:\?:)?(?:\.|\[\\s\\S\]|\[\\S\\s\])\*\??\)?(?:\$|\\z)|\$|\\z)$/u
const NEWLINE = 10
const WORD_RUNES = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'].map(
  (char) => char.charCodeAt(0),
)
const FOLDED_RUNES = [0x212a, 0x17f]

/**
 * What is odd about a usable pattern: it can never match, it matches everything, or PCRE (Braze)
 * reads it otherwise.
 *
 * Shape: a pattern `findRegexProblems` finds no fault with in; remarks in the order of the pattern.
 */
export function findRegexRemarks(pattern: string): readonly RegexRemark[] {
  const program = compileLinear(pattern).re2().prog as Program
  if (!canMatch(program)) {
    return [
      {
        code: 'FILTER_REGEX_NEVER',
        offset: 0,
        message: 'the pattern can never match',
        hint: 'Look for anchors in the middle, or classes that hold nothing.',
      },
    ]
  }
  if (ANYTHING.test(pattern) || SIDES.every((next) => matchesEmptyAtStart(program, next))) {
    return [
      {
        code: 'FILTER_REGEX_ALWAYS',
        offset: 0,
        message: 'the pattern matches every text',
        hint: 'Write `is_blank: false` for any value, or a narrower pattern.',
      },
    ]
  }
  return differences(pattern)
}

function differences(pattern: string): readonly RegexRemark[] {
  const tokens = tokenizePattern(pattern)
  const remarks: RegexRemark[] = []
  const note = (offset: number, message: string, hint: string) =>
    remarks.push({ code: 'FILTER_REGEX_DIFFERS', offset, message, hint })
  tokens.forEach((token, index) => {
    const next = tokens[index + 1]
    if (token.kind === 'escape' && token.text === '\\v') {
      note(
        token.offset,
        '"\\v" is the vertical tab here, and any vertical space in PCRE',
        'Write "\\x0B", or "[\\n\\x0B\\f\\r]".',
      )
    }
    if (
      token.text === '$' &&
      token.kind === 'anchor' &&
      !token.multiline &&
      next !== undefined &&
      /^(?:\\n|\\r|\\s|\n)/u.test(next.text)
    ) {
      note(
        token.offset,
        '"$" before a line end matches in PCRE, and never here',
        'Leave the "$" out.',
      )
    }
    if (
      token.kind === 'literal' &&
      token.text === '{' &&
      /^\{,\d+\}/u.test(pattern.slice(token.offset))
    ) {
      note(
        token.offset,
        '"{,n}" is plain text here, and a repetition in newer PCRE',
        'Write "{0,n}", or "\\{" for the character.',
      )
    }
  })
  return remarks
}

/**
 * Whether any text matches: a walk over instructions and what may stand on both sides of a
 * position.
 */
function canMatch(program: Program): boolean {
  const waiting = SIDES.flatMap((before) =>
    SIDES.map((after) => ({ at: program.start, before, after })),
  )
  const seen = new Set<string>()
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    const { at, before, after } = state
    const key = `${at} ${before} ${after}`
    if (seen.has(key)) continue
    seen.add(key)
    const instruction = itemAt(program.inst, at)
    if (instruction.op === OP.match) return true
    for (const out of withoutConsuming(instruction, before, after))
      waiting.push({ at: out, before, after })
    if (after === 'edge' || !consumes(instruction, after)) continue
    for (const next of SIDES) waiting.push({ at: instruction.out, before: after, after: next })
  }
  return false
}

function matchesEmptyAtStart(program: Program, after: Side): boolean {
  const waiting = [program.start]
  const seen = new Set<number>()
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    const instruction = itemAt(program.inst, at)
    if (instruction.op === OP.match) return true
    waiting.push(...withoutConsuming(instruction, 'edge', after))
  }
  return false
}

function withoutConsuming(instruction: Instruction, before: Side, after: Side): readonly number[] {
  switch (instruction.op) {
    case OP.alt:
    case OP.altMatch:
      return [instruction.out, instruction.arg]
    case OP.capture:
    case OP.nop:
      return [instruction.out]
    case OP.emptyWidth:
      return (instruction.arg & ~conditionsAt(before, after)) === 0 ? [instruction.out] : []
    default:
      return []
  }
}

function conditionsAt(before: Side, after: Side): number {
  const begin =
    before === 'edge'
      ? EMPTY.beginText | EMPTY.beginLine
      : before === 'newline'
        ? EMPTY.beginLine
        : 0
  const end =
    after === 'edge' ? EMPTY.endText | EMPTY.endLine : after === 'newline' ? EMPTY.endLine : 0
  return (
    begin | end | ((before === 'word') === (after === 'word') ? EMPTY.noBoundary : EMPTY.boundary)
  )
}

/** Whether an instruction takes some character of this kind. */
function consumes(instruction: Instruction, kind: Side): boolean {
  if (instruction.op === OP.any) return true
  if (instruction.op === OP.anyButNewline) return kind !== 'newline'
  if (instruction.op !== OP.rune && instruction.op !== OP.rune1) return false
  if (kind === 'newline') return instruction.matchRune(NEWLINE)
  if (kind === 'word') return WORD_RUNES.some((rune) => instruction.matchRune(rune))
  return takesOther(instruction)
}

function takesOther(instruction: Instruction): boolean {
  const { runes } = instruction
  if (runes.length === 1)
    return [itemAt(runes, 0), ...FOLDED_RUNES].some(
      (rune) => isOther(rune) && instruction.matchRune(rune),
    )
  for (let at = 0; at < runes.length; at += 2) {
    const last = itemAt(runes, at + 1)
    for (let rune = itemAt(runes, at); rune <= last; rune++) if (isOther(rune)) return true
  }
  return false
}

function isOther(rune: number): boolean {
  return rune !== NEWLINE && !WORD_RUNES.includes(rune)
}
