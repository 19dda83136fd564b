import type { SourceRange } from '../../model/source-range.ts'
import { inNaturalOrder } from '../../names/index.ts'

/** Whether a mistake stops a run. */
export type Severity = 'error' | 'warning'

/** One mistake in the configuration, with its place. Codes are listed in docs/errors.md. */
export interface Diagnostic extends SourceRange {
  readonly severity: Severity
  readonly code: string
  readonly message: string
  /** The next step, often the nearest valid name. */
  readonly hint?: string
  /** The first line of the range as it stands in the file. */
  readonly excerpt: string
}

/** Orders diagnostics by file, place, then code. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  if (a.path !== b.path) return inNaturalOrder(a.path, b.path)
  return a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)
}

/** Whether any of them is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error')
}
