import { commandLine } from '../../process/marks.ts'

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
 * An annotation as GitHub Actions reads it from a job's output.
 *
 * Shape: one line, with its line end. Columns are given only where they say something: within one
 * line.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function renderAnnotation({ level, message, ...properties }: Annotation): string {
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
