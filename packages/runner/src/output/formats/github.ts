import { commandLine } from '../../process/marks.ts'
import { formatCount } from '../text/numbers.ts'
import { safeLine } from '../text/safe-text.ts'

/** One annotation of a pull request. Lines and columns are 1-based. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly title: string
  readonly message: string
  readonly path?: string
  readonly line?: number
  readonly endLine?: number
  readonly column?: number
  readonly endColumn?: number
}

/**
 * GitHub shows so many errors of a step, and as many warnings, and drops the others in silence.
 *
 * @see https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations
 */
const MOST_SHOWN = 10

/**
 * Annotations, none of which is lost: of a level that has more than GitHub shows, the last one shown says how many more
 * there are, and those stand in the log as plain lines.
 *
 * Shape: lines with their ends, in the order given; then those that are not shown.
 */
export function renderAnnotations(annotations: readonly Annotation[]): string {
  const shown: string[] = []
  const others: string[] = []
  for (const [level, own] of Map.groupBy(annotations, (one) => one.level)) {
    const isTooMany = own.length > MOST_SHOWN
    const fits = isTooMany ? own.slice(0, MOST_SHOWN - 1) : own
    const rest = own.slice(fits.length)
    shown.push(...fits.map(renderAnnotation))
    others.push(...rest.map(plainLine))
    if (isTooMany) shown.push(renderAnnotation(moreOf(level, rest.length)))
  }
  return [...shown, ...others].join('')
}

function moreOf(level: Annotation['level'], count: number): Annotation {
  const message = `GitHub shows ${MOST_SHOWN} of a step: the log of the step has all of them.`
  return { level, title: `and ${formatCount(count)} more`, message }
}

function plainLine({ level, title, message, path, line, column }: Annotation): string {
  const place =
    path === undefined
      ? ''
      : `${[path, line, column].filter((part) => part !== undefined).join(':')}  `
  return `${safeLine(`${place}${level}  ${title}  ${message.replaceAll('\n', ' · ')}`)}\n`
}

/**
 * An annotation as GitHub Actions reads it from a job's output.
 *
 * Shape: one line, with its line end. Columns are given only where they say something: within one
 * line.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
function renderAnnotation({ level, message, ...properties }: Annotation): string {
  const { title, path, line, endLine, column, endColumn } = properties
  const isOneLine = endLine === undefined || endLine === line
  const members: readonly (readonly [string, string | number | undefined])[] = [
    ['file', path],
    ['line', line],
    ['endLine', endLine],
    ['col', isOneLine ? column : undefined],
    ['endColumn', isOneLine ? endColumn : undefined],
    ['title', title],
  ]
  const written = members
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
  return commandLine(`::${level} ${written.join(',')}::${escapeData(message)}\n`)
}

/**
 * Text that stays one message of a workflow command.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
