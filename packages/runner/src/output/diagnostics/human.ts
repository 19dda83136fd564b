import type { Diagnostic } from '@engage-sync/core'
import type { Colours } from '../text/colours.ts'
import { displayWidth, safeLine } from '../text/safe-text.ts'

/** How diagnostics are laid out. */
export interface DiagnosticLayout {
  readonly colours: Colours
  /** Width in characters. */
  readonly columns: number
}

const TAB = '  '
const LEAST_SOURCE_COLUMNS = 40

/**
 * One mistake for a terminal: its place, what it is, the line, a caret under the range, the next
 * step.
 *
 * Shape: three to five lines without a line end behind the last. Places are `path:line:column`,
 * which editors follow.
 */
export function renderDiagnostic(diagnostic: Diagnostic, layout: DiagnosticLayout): string {
  const { colours } = layout
  const { path, line, column, severity, code, message } = diagnostic
  const paint = severity === 'error' ? colours.red : colours.yellow
  const head = `${colours.bold(`${safeLine(path)}:${line}:${column}`)}  ${paint(severity)}  ${colours.dim(code)}  ${safeLine(message)}`
  return [head, ...sourceLines(diagnostic, layout), ...hintLines(diagnostic, colours)].join('\n')
}

function sourceLines(
  diagnostic: Diagnostic,
  { colours, columns }: DiagnosticLayout,
): readonly string[] {
  const { line, severity } = diagnostic
  if (diagnostic.excerpt.trim() === '') return []
  const paint = severity === 'error' ? colours.red : colours.yellow
  const number = String(line)
  const room = Math.max(LEAST_SOURCE_COLUMNS, columns - number.length - 5)
  const { text, before, carets } = window(diagnostic, room)
  const gutter = (label: string) => colours.dim(`  ${label.padStart(number.length)} │`)
  return [
    `${gutter(number)} ${text}`.trimEnd(),
    `${gutter('')} ${' '.repeat(before)}${paint('^'.repeat(carets))}`,
  ]
}

/** The part of the line that fits, and where the carets go below it. */
function window(
  { excerpt, line, endLine, column, endColumn }: Diagnostic,
  room: number,
): { text: string; before: number; carets: number } {
  const from = Math.min(column - 1, excerpt.length)
  const to = endLine > line ? excerpt.trimEnd().length : Math.min(endColumn - 1, excerpt.length)
  const left = printed(excerpt.slice(0, from))
  const middle = printed(excerpt.slice(from, Math.max(to, from)))
  const right = printed(excerpt.slice(Math.max(to, from)))
  const carets = Math.max(1, displayWidth(middle))
  const whole = `${left}${middle}${right}`
  if (displayWidth(whole) <= room) return { text: whole, before: displayWidth(left), carets }
  const start = startOf({ left: left.length, middle: middle.length, room })
  const cut = whole.slice(start, start + room - 2)
  const lead = start > 0 ? '…' : ''
  const before = displayWidth(lead + whole.slice(start, left.length))
  return {
    text: `${lead}${cut}${start + cut.length < whole.length ? '…' : ''}`,
    before,
    carets: Math.max(1, Math.min(carets, room - before)),
  }
}

/** The range stands whole in the window where it fits, with some of what is before it. */
function startOf({ left, middle, room }: { left: number; middle: number; room: number }): number {
  if (left + middle <= room - 2) return 0
  return Math.max(0, Math.min(left, left + middle - Math.floor(room * 0.8)))
}

function printed(text: string): string {
  return safeLine(text).replaceAll('\t', TAB)
}

function hintLines({ hint }: Diagnostic, colours: Colours): readonly string[] {
  return hint === undefined
    ? []
    : hint.split('\n').map((line) => `    ${colours.cyan(safeLine(line))}`)
}
