import { parseInstant } from '../values/instant.ts'
import type { ValueType } from '../values/value-type.ts'
import type { LeafOperand } from './compiled.ts'
import { operandText } from './condition.ts'
import type { FilterPath, Test } from './condition.ts'
import type { Found } from './finding.ts'
import type { Comparand } from './operator-tests.ts'
import { operatorRows } from './operators.ts'
import { findRegexProblems } from './pattern/regex-check.ts'
import { findRegexRemarks } from './pattern/regex-lint.ts'
import { fitsRow } from './row-fits.ts'

/** Where an operator stands, and what it asks about. */
export interface TestPlace {
  readonly operand: LeafOperand
  readonly path: FilterPath
  readonly timeZone: string | undefined
}

/** What is wrong with one operator and what it compares with; `type` is null when any goes. */
export function checkOperator(
  test: Test<Comparand>,
  type: ValueType | null,
  place: TestPlace,
): readonly Found[] {
  const { operator, comparand } = test
  const rows = operatorRows(operator, type)
  const [first] = rows
  if (first === undefined) return [wrongOperator(test, type, place)]
  const row = rows.find((candidate) => fitsRow(candidate, comparand))
  if (row === undefined) return [wrongComparand(test, first.comparand, place)]
  if (row.comparand === 'pattern') return checkPattern(comparand as string, place.path)
  if (row.comparand === 'instant') return checkInstant(comparand as string, place)
  return []
}

function wrongOperator(
  { operator }: Test<Comparand>,
  type: ValueType | null,
  { operand, path }: TestPlace,
): Found {
  const types = [...new Set(operatorRows(operator, null).flatMap((row) => row.types))]
  const fitting =
    HINTS[`${operator} ${type}`] ??
    (types.length === 0 ? undefined : `"${operator}" is for the types ${types.join(', ')}.`)
  return {
    code: 'FILTER_OPERATOR_TYPE',
    message: `"${operator}" does not work on ${operandText(operand)}, which is of type ${type}`,
    hint: fitting,
    path,
  }
}

const HINTS: Readonly<Record<string, string>> = {
  'equals array': 'Write `contains:` for one element.',
  'not_equals array': 'Write `not: { contains: … }` for an element that is missing.',
  'in array': 'Write `any:` with one `contains:` for each value.',
  'in boolean': 'Write `equals: true` or `equals: false`.',
  'matches number':
    'Braze has no pattern on numbers. Write `more_than`, `less_than` or `exactly`, or declare `type: string`.',
  'matches integer':
    'Braze has no pattern on numbers. Write `more_than`, `less_than` or `exactly`, or declare `type: string`.',
  'equals time': 'Write `before:` and `after:`.',
  'exactly string': 'Write `equals:`, or declare `type: number`.',
  'more_than time': 'Write `after:`, or `less_than_days_ago:`.',
  'less_than time': 'Write `before:`, or `more_than_days_ago:`.',
}

const WANTED: Readonly<Record<string, string>> = {
  text: 'a text (quote it)',
  pattern: 'a pattern (a text)',
  instant: 'a date such as 2026-01-31',
  number: 'a number',
  days: 'a number of days',
  boolean: 'true or false',
  scalar: 'one value',
  texts: 'texts only (quote them)',
  numbers: 'numbers only',
}

function wrongComparand(
  { operator, comparand }: Test<Comparand>,
  wanted: string,
  { operand, path }: TestPlace,
): Found {
  const got = JSON.stringify(comparand)
  const message = `"${operator}" on ${operandText(operand)} expects ${WANTED[wanted]}, got ${got}`
  const hint =
    typeof comparand === 'number'
      ? `Write '${comparand}' in quotes, or declare another \`type:\` for it.`
      : 'Compare with a value of its type, or declare another `type:` for it.'
  return {
    code: 'FILTER_OPERATOR_TYPE',
    message,
    hint,
    path,
    ...(typeof comparand === 'number' && { number: comparand }),
  }
}

function checkInstant(comparand: string, { path, timeZone }: TestPlace): readonly Found[] {
  if (parseInstant(comparand, timeZone) !== null) return []
  const hint = 'Dates are ISO 8601: 2026-01-31, or 2026-01-31T09:30:00Z.'
  return [
    {
      code: 'FILTER_TIME',
      message: `expected a date, got ${JSON.stringify(comparand)}`,
      hint,
      path,
    },
  ]
}

function checkPattern(pattern: string, path: FilterPath): readonly Found[] {
  const problems = findRegexProblems(pattern)
  if (problems.length > 0) {
    return problems.map(({ message, hint, offset, length }) => ({
      code: 'FILTER_REGEX',
      message,
      ...(hint === null ? {} : { hint }),
      path,
      offset,
      length,
    }))
  }
  return findRegexRemarks(pattern).map(({ code, message, hint, offset }) => ({
    code,
    message,
    hint,
    path,
    offset,
    length: 1,
  }))
}
