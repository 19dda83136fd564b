import type { Diagnostic } from '@engage-sync/core'
import type { Io } from '../../process/io.ts'
import { coloursFor } from '../text/colours.ts'
import { diagnosticAnnotation } from './github.ts'
import { renderAnnotations } from '../formats/github.ts'
import { renderDiagnostic } from './human.ts'
import { sarifLog } from './sarif.ts'
import { renderJson } from '../formats/json.ts'
import { renderJunit } from '../formats/junit.ts'
import type { JunitCase } from '../formats/junit.ts'
import { countOf } from '../text/numbers.ts'
import type { ConfigurationView } from '../../plan/configuration-view.ts'
import { overviewCounts, renderOverviews } from '../syncs/overview.ts'
import type { Remarks } from '../syncs/overview.ts'
import type { SyncOverview } from '../syncs/sync-overview.ts'

/** What `validate` found. */
export interface Validation {
  readonly environments: readonly string[]
  /** Paths of all files looked at. */
  readonly files: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
  /** Empty when there are errors. */
  readonly syncs: readonly SyncOverview[]
  readonly remarks: Remarks
  /** What it changes against another commit; null unless that was asked, or where there are errors. */
  readonly comparison: ConfigurationView | null
  /** Whether warnings count as errors. */
  readonly strict: boolean
  /** Version of the program. */
  readonly program: string
}

/** How `validate` can write. */
export const VALIDATION_FORMATS = ['human', 'json', 'github', 'sarif', 'junit'] as const
/** One of them. */
export type ValidationFormat = (typeof VALIDATION_FORMATS)[number]

/** Whether the configuration may be used. */
export function isValid({
  diagnostics,
  strict,
}: Pick<Validation, 'diagnostics' | 'strict'>): boolean {
  return strict
    ? diagnostics.length === 0
    : diagnostics.every(({ severity }) => severity !== 'error')
}

/** Writes what was found to standard output. */
export function writeValidation(io: Io, format: ValidationFormat, validation: Validation): void {
  io.stdout.write(WRITERS[format](validation, io))
}

const WRITERS: Readonly<Record<ValidationFormat, (validation: Validation, io: Io) => string>> = {
  human: renderHuman,
  json: (validation) => renderJson(validationData(validation)),
  github: (validation) =>
    `${renderAnnotations(validation.diagnostics.map(diagnosticAnnotation))}${summary(validation)}\n`,
  sarif: ({ diagnostics, program }) => renderJson(sarifLog(diagnostics, program)),
  junit: renderValidationJunit,
}

function renderHuman(validation: Validation, io: Io): string {
  const colours = coloursFor(io.stdout, io.env)
  const layout = { colours, columns: io.stdout.columns }
  const blocks = validation.diagnostics.map(
    (diagnostic) => `${renderDiagnostic(diagnostic, layout)}\n`,
  )
  const overview =
    validation.syncs.length === 0
      ? []
      : [renderOverviews(validation.syncs, colours, validation.remarks)]
  const mark = isValid(validation) ? colours.green('✓') : colours.red('✗')
  return [...overview, ...blocks, `${mark} ${colours.bold(summary(validation))}\n`].join('\n')
}

/** `2 errors and 1 warning in 2 files`, or what is sound. */
function summary(validation: Validation): string {
  const { diagnostics, environments, files, syncs } = validation
  if (diagnostics.length === 0) {
    if (syncs.length === 0) return 'No mistakes, and no sync selected: none has changed'
    const where = environments.length === 0 ? '' : ` in ${environments.join(', ')}`
    return `No mistakes: ${overviewCounts(syncs)}${where}`
  }
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const counts = [
    ...(errors > 0 ? [countOf(errors, 'error')] : []),
    ...(errors < diagnostics.length ? [countOf(diagnostics.length - errors, 'warning')] : []),
  ]
  const concerned = new Set(diagnostics.map(({ path }) => path)).size
  const strict = errors === 0 && validation.strict ? ' (--strict: warnings count)' : ''
  return `${counts.join(' and ')} in ${concerned} of ${countOf(files.length, 'file')}${strict}`
}

/** What was found, as `--format json` prints it. Extended, never renamed. */
function validationData(validation: Validation): unknown {
  const { diagnostics, environments, syncs, remarks } = validation
  return {
    version: 1,
    valid: isValid(validation),
    environments,
    errors: diagnostics.filter(({ severity }) => severity === 'error').length,
    warnings: diagnostics.filter(({ severity }) => severity === 'warning').length,
    diagnostics: diagnostics.map(
      ({ path, line, column, endLine, endColumn, severity, code, message, hint }) => ({
        path,
        line,
        column,
        end_line: endLine,
        end_column: endColumn,
        severity,
        code,
        message,
        hint: hint ?? null,
      }),
    ),
    syncs: syncs.map((sync) => ({
      ...sync,
      mappings: sync.mappings.map((each) => ({ ...each, remarks: remarks.get(each.id) ?? [] })),
    })),
    ...(validation.comparison !== null && { base: comparisonData(validation.comparison) }),
  }
}

/** Without counts: nobody was counted. */
function comparisonData({ ref, changes, sync_changes: whole, by_hand: steps }: ConfigurationView) {
  return {
    ref,
    sync_changes: whole,
    changes: changes.map(
      ({ kind, mapping, moved_from: from, attribute, events, cohort, options }) => ({
        kind,
        mapping,
        moved_from: from,
        attribute,
        events,
        cohort,
        options,
      }),
    ),
    by_hand: steps,
  }
}

/** One test a file; it fails with all that is wrong in it. */
function renderValidationJunit({ files, diagnostics, strict }: Validation): string {
  const paths = [...new Set([...files, ...diagnostics.map(({ path }) => path)])]
  return renderJunit([
    { name: 'validate', cases: paths.map((path) => fileCase(path, diagnostics, strict)) },
  ])
}

function fileCase(path: string, diagnostics: readonly Diagnostic[], strict: boolean): JunitCase {
  const mine = diagnostics.filter((each) => each.path === path)
  const counted = mine.filter(({ severity }) => strict || severity === 'error')
  const place = { name: path, className: 'engage-sync.validate', file: path }
  const first = counted[0]
  if (first === undefined) return mine.length === 0 ? place : { ...place, output: textOf(mine) }
  return {
    ...place,
    line: first.line,
    failure: { type: first.code, message: first.message, text: textOf(counted) },
  }
}

function textOf(diagnostics: readonly Diagnostic[]): string {
  const lines = diagnostics.flatMap(({ path, line, column, severity, code, message, hint }) => [
    `${path}:${line}:${column}  ${severity}  ${code}  ${message}`,
    ...(hint === undefined ? [] : [`    ${hint}`]),
  ])
  return lines.join('\n')
}
