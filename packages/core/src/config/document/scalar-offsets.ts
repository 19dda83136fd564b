import type { Scalar } from 'yaml'

/**
 * Finds the file offset of one character of a YAML scalar.
 *
 * Shape: the offset of a UTF-16 unit in the value in, an offset into the text out; past the end
 * gives the end of the scalar.
 */
export function locateInScalar(scalar: Scalar, text: string, index: number): number {
  const [start, end] = scalar.range ?? [0, 0]
  if (scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED')
    return locateInBlock(String(scalar.value), text, { start, end, index })
  if (scalar.type === 'QUOTE_DOUBLE')
    return walkFlow(text, { start: start + 1, end: end - 1, index }, doubleQuoted)
  if (scalar.type === 'QUOTE_SINGLE')
    return walkFlow(text, { start: start + 1, end: end - 1, index }, singleQuoted)
  return walkFlow(text, { start, end, index }, () => ONE)
}

interface Target {
  readonly start: number
  readonly end: number
  readonly index: number
}

/** How many characters of the text make how many of the value. */
interface Unit {
  readonly source: number
  readonly value: number
}

const ONE: Unit = { source: 1, value: 1 }
const SHORT_ESCAPE: Unit = { source: 2, value: 1 }
const ESCAPE_LENGTHS: Readonly<Record<string, number | undefined>> = { x: 4, u: 6, U: 10 }

function singleQuoted(text: string, offset: number): Unit {
  return text[offset] === "'" ? SHORT_ESCAPE : ONE
}

function doubleQuoted(text: string, offset: number): Unit {
  if (text[offset] !== '\\') return ONE
  const next = text.charAt(offset + 1)
  if (next === '\n' || next === '\r')
    return { source: lineFold(text, offset + 1).next - offset, value: 0 }
  const source = ESCAPE_LENGTHS[next] ?? 2
  const isAstral =
    source === 10 && Number.parseInt(text.slice(offset + 2, offset + 10), 16) > 0xffff
  return { source, value: isAstral ? 2 : 1 }
}

/** Walks plain and quoted text, where line ends fold into one space, or n - 1 line ends. */
function walkFlow(
  text: string,
  { start, end, index }: Target,
  unitAt: (text: string, offset: number) => Unit,
): number {
  let offset = start
  let value = 0
  while (offset < end) {
    const fold = foldAt(text, offset)
    const unit = fold ?? unitAt(text, offset)
    if (value + unit.value > index) return offset
    value += unit.value
    offset += unit.source
  }
  return end
}

/**
 * The line end at an offset, with the blanks before and after it, as a unit; null when there is
 * none.
 */
function foldAt(text: string, offset: number): Unit | null {
  let at = offset
  while (text[at] === ' ' || text[at] === '\t') at += 1
  if (text[at] !== '\n' && text[at] !== '\r') return null
  const { next, breaks } = lineFold(text, at)
  return { source: next - offset, value: Math.max(1, breaks - 1) }
}

function lineFold(text: string, at: number): { next: number; breaks: number } {
  let next = at
  let breaks = 0
  for (; next < text.length && ' \t\r\n'.includes(text.charAt(next)); next += 1)
    if (text[next] === '\n') breaks += 1
  return { next, breaks }
}

/** Walks a block scalar by matching value and text, skipping the indentation of each line. */
function locateInBlock(value: string, text: string, { start, end, index }: Target): number {
  let offset = text.indexOf('\n', start) + 1
  const indent = blockIndent(text.slice(offset, end))
  offset = skipIndent(text, offset, indent)
  for (let at = 0; at < index && at < value.length && offset < end; at += 1) {
    if (text[offset] === value[at] && value[at] !== '\n') {
      offset += 1
      continue
    }
    if (text[offset] !== '\n' && text[offset] !== '\r') continue
    offset = skipIndent(text, text.indexOf('\n', offset) + 1, indent)
  }
  return Math.min(offset, end)
}

function blockIndent(body: string): number {
  const indents = body
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length)
  return indents.length === 0 ? 0 : Math.min(...indents)
}

function skipIndent(text: string, offset: number, indent: number): number {
  let at = offset
  while (at < offset + indent && text[at] === ' ') at += 1
  return at
}
