import type { Diagnostic } from '@engage-sync/core'
import type { Annotation } from '../formats/github.ts'

/**
 * A mistake as an annotation, its hint on a line of its own. GitHub's end column is the last one
 * meant.
 */
export function diagnosticAnnotation(diagnostic: Diagnostic): Annotation {
  const { severity, code, message, hint, path, line, endLine, column, endColumn } = diagnostic
  return {
    level: severity,
    title: code,
    message: hint === undefined ? message : `${message}\n${hint}`,
    path,
    line,
    endLine,
    column,
    endColumn: Math.max(column, endColumn - 1),
  }
}
