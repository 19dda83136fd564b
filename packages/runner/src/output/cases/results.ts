import { differenceText, readMappingId } from '@engage-sync/core'
import type { Coverage } from '@engage-sync/core'
import { holds } from '../../cases/run-cases.ts'
import type { CaseOutcome, SyncOutcome } from '../../cases/run-cases.ts'
import type { Io } from '../../process/io.ts'
import { renderDifferences } from './differences.ts'
import { coloursFor } from '../text/colours.ts'
import type { Colours } from '../text/colours.ts'
import { renderAnnotations } from '../formats/github.ts'
import { renderJson } from '../formats/json.ts'
import { renderJunit } from '../formats/junit.ts'
import type { JunitCase } from '../formats/junit.ts'
import { countOf, formatSeconds, formatShare } from '../text/numbers.ts'
import { safeLine } from '../text/safe-text.ts'
import { alignRows } from '../text/table.ts'

/** What `test` found. */
export interface CaseResults {
  readonly syncs: readonly SyncOutcome[]
  readonly showCoverage: boolean
  /** Cases whose expectations were replaced, by file. */
  readonly accepted: ReadonlyMap<string, number>
  readonly seconds: number
}

/** How `test` can write. */
export const CASE_FORMATS = ['human', 'json', 'github', 'junit'] as const
/** One of them. */
export type CaseFormat = (typeof CASE_FORMATS)[number]

/** Writes how the cases ended to standard output. */
export function writeCaseResults(io: Io, format: CaseFormat, results: CaseResults): void {
  io.stdout.write(WRITERS[format](results, io))
}

const WRITERS: Readonly<Record<CaseFormat, (results: CaseResults, io: Io) => string>> = {
  human: (results, io) => renderHuman(results, coloursFor(io.stdout, io.env)),
  json: (results) => renderJson(caseData(results)),
  github: renderGithub,
  junit: ({ syncs }) =>
    renderJunit(
      syncs.map(({ sync, path, cases }) => ({
        name: sync,
        cases: cases.map((each) => junitCase(sync, path ?? '', each)),
      })),
    ),
}

function renderHuman(results: CaseResults, colours: Colours): string {
  const { syncs, showCoverage } = results
  if (syncs.length === 0)
    return `${colours.green('✓')} ${colours.bold('No sync selected: none has changed')}\n`
  const failures = syncs.flatMap(({ cases }) =>
    cases.filter((each) => !holds(each)).map((each) => failureBlock(each, colours)),
  )
  const coverage = showCoverage ? syncs.map((each) => coverageBlock(each, colours)) : []
  return (
    [syncLines(syncs, colours), ...failures, ...coverage, closing(results, colours)].join('\n\n') +
    '\n'
  )
}

function syncLines(syncs: readonly SyncOutcome[], colours: Colours): string {
  const rows = syncs.map(({ sync, cases, coverage }) => {
    const passed = cases.filter(holds).length
    const mark =
      cases.length === 0
        ? colours.yellow('-')
        : passed === cases.length
          ? colours.green('✓')
          : colours.red('✗')
    const count =
      cases.length === 0
        ? 'no cases'
        : passed === cases.length
          ? countOf(passed, 'case')
          : `${passed} of ${countOf(cases.length, 'case')}`
    return [
      mark,
      colours.bold(safeLine(sync)),
      count,
      colours.dim(`${formatShare(coverage.covered, coverage.total)} covered`),
    ]
  })
  return alignRows(rows, []).join('\n')
}

function failureBlock({ testCase, differences, showUser }: CaseOutcome, colours: Colours): string {
  const { path, line, column } = testCase.range
  const head = `${colours.bold(`${safeLine(path)}:${line}:${column}`)}  ${colours.red('failed')}  ${safeLine(testCase.name)}`
  return `${head}\n${renderDifferences(differences, showUser, colours)}`
}

function coverageBlock({ sync, coverage }: SyncOutcome, colours: Colours): string {
  const missing = missingByUnit(coverage)
  const head = `${colours.bold(safeLine(sync))}  ${coverage.covered} of ${coverage.total} covered`
  if (missing.size === 0) return head
  const lines = [...missing].flatMap(([id, whats]) => [
    `  ${safeLine(withoutSync(id))}`,
    ...whats.map((what) => colours.dim(`    no case: ${safeLine(what)}`)),
  ])
  return [head, ...lines].join('\n')
}

/** A mapping within its sync: `traits.ltv`. */
function withoutSync(id: string): string {
  const { section, key } = readMappingId(id)
  return `${section}.${key}`
}

function missingByUnit({ items }: Coverage): ReadonlyMap<string, readonly string[]> {
  const missing = new Map<string, string[]>()
  for (const { id, what, isCovered } of items)
    if (!isCovered) missing.set(id, [...(missing.get(id) ?? []), what])
  return missing
}

function closing({ syncs, accepted, seconds }: CaseResults, colours: Colours): string {
  const all = syncs.flatMap(({ cases }) => cases)
  const failed = all.filter((each) => !holds(each)).length
  const took = colours.dim(`in ${formatSeconds(seconds)}`)
  if (failed === 0)
    return `${colours.green('✓')} ${colours.bold(`${countOf(all.length, 'case')} passed`)} ${took}`
  if (accepted.size > 0) {
    const files = [...accepted].map(([path, count]) => `${safeLine(path)} (${count})`).join(', ')
    return `${colours.yellow('!')} ${colours.bold(`${countOf(failed, 'expectation')} replaced`)} in ${files}: read the difference before you commit it`
  }
  return `${colours.red('✗')} ${colours.bold(`${failed} of ${countOf(all.length, 'case')} failed`)} ${took}\n${colours.dim('  --update takes what came as expected')}`
}

/** How the cases ended, as `--format json` prints it. Extended, never renamed. */
function caseData({ syncs, accepted, seconds }: CaseResults): unknown {
  const all = syncs.flatMap(({ cases }) => cases)
  return {
    version: 1,
    cases: all.length,
    passed: all.filter(holds).length,
    failed: all.filter((each) => !holds(each)).length,
    accepted: Object.fromEntries(accepted),
    seconds,
    syncs: syncs.map(({ sync, path, cases, coverage }) => ({
      sync,
      path,
      cases: cases.map(({ testCase, differences, seconds: took }) => ({
        name: testCase.name,
        line: testCase.range.line,
        passed: differences.length === 0,
        seconds: took,
        differences,
      })),
      coverage: {
        covered: coverage.covered,
        total: coverage.total,
        missing: coverage.items
          .filter(({ isCovered }) => !isCovered)
          .map(({ id, kind, what }) => ({ id, kind, what })),
      },
    })),
  }
}

function renderGithub({ syncs }: CaseResults): string {
  const all = syncs.flatMap(({ cases }) => cases)
  const failed = all.filter((each) => !holds(each))
  const annotations = failed.map(({ testCase: { name, range }, differences, showUser }) => {
    const { path, line, endLine } = range
    return {
      level: 'error' as const,
      title: `case: ${name}`,
      message: differenceText(differences, showUser),
      path,
      line,
      endLine: Math.max(line, endLine - 1),
    }
  })
  return `${renderAnnotations(annotations)}${failed.length} of ${countOf(all.length, 'case')} failed\n`
}

function junitCase(sync: string, file: string, outcome: CaseOutcome): JunitCase {
  const { testCase, differences, showUser, seconds } = outcome
  const place = { name: testCase.name, className: sync, file, line: testCase.range.line, seconds }
  if (holds(outcome)) return place
  return {
    ...place,
    failure: {
      type: 'case',
      message: countOf(differences.length, 'difference'),
      text: differenceText(differences, showUser),
    },
  }
}
