import { closest } from '../names/suggest.ts'
import type { FilterConfig } from '../schema/filter.ts'
import { parseInstant } from '../values/instant.ts'
import type { ValueType } from '../values/value-type.ts'
import { FILTER_CHECK_CODES } from './codes.ts'
import type { FilterCode } from './codes.ts'
import type { LeafOperand } from './compiled.ts'
import { conditionsOf, operandText, readFilter } from './condition.ts'
import type { EventCount, FilterNode, FilterPath, Test, ValueCondition } from './condition.ts'
import { findContradictions } from './contradiction.ts'
import type { Comparand } from './operator-tests.ts'
import { fitsRow, operatorRows } from './operators.ts'
import { findRegexProblems } from './pattern/regex-check.ts'
import { findRegexRemarks } from './pattern/regex-lint.ts'

/** Something wrong or odd in a filter, with its place inside the filter. */
export interface FilterFinding {
  readonly severity: 'error' | 'warning'
  readonly code: FilterCode
  readonly message: string
  readonly hint?: string
  /** Keys and indexes from the root of the filter to the value that is meant, e.g. `['all', 0, 'matches']`. */
  readonly path: FilterPath
  /** Inside that value, when it is a text: UTF-16 code units from its start, and how many of them are meant. */
  readonly offset?: number
  readonly length?: number
  /** A number the hint quotes: whoever knows the file quotes it as it is written there, since 0150 is read as 150. */
  readonly number?: number
}

/** Keys with their types; `undefined` for one that is not known. */
export type TypesByKey = Pick<ReadonlyMap<string, ValueType | null>, 'has' | 'get'> & { readonly keys: () => Iterable<string> }

/** What a filter may refer to. */
export interface FilterScope {
  /** Type of each trait that is mapped or named in another filter; null when any type goes. Keys as filters write them. */
  readonly traits: TypesByKey
  readonly audiences: { readonly has: (key: string) => boolean; readonly keys: () => Iterable<string> }
  /** Traits that travel beside a computation; filters cannot read them. */
  readonly enrichment: ReadonlySet<string>
  /** Every event name a mapping of the project sends. */
  readonly eventNames: ReadonlySet<string>
  readonly timeZone?: string
}

type Found = Omit<FilterFinding, 'severity'>

/**
 * Everything wrong or odd in one filter, in the order of the file.
 *
 * Shape: a filter that fits the schema in; a filter without error findings compiles.
 */
export function checkFilter(filter: FilterConfig, scope: FilterScope): readonly FilterFinding[] {
  const root = readFilter(filter)
  const found = conditionsOf(root).flatMap(({ condition, path }) =>
    condition.kind === 'event' ? checkEvent(condition, path, scope) : checkValue(condition, path, scope),
  )
  found.push(...typeConflicts(root, scope))
  const isSound = !found.some(({ code }) => FILTER_CHECK_CODES[code].severity === 'error')
  if (isSound) found.push(...findContradictions(root, scope))
  return found.map((finding) => ({ severity: FILTER_CHECK_CODES[finding.code].severity, ...finding }))
}

/** Conditions on one trait without a type that no type could satisfy together. */
function typeConflicts(root: FilterNode, scope: FilterScope): readonly Found[] {
  const found: Found[] = []
  const possible = new Map<string, ReadonlySet<ValueType>>()
  for (const { condition, path } of conditionsOf(root)) {
    if (condition.kind !== 'trait' || (scope.traits.get(operandText(condition.operand)) ?? null) !== null) continue
    const key = operandText(condition.operand)
    for (const test of condition.tests) {
      const types = typesOf(test)
      const before = possible.get(key) ?? types
      const both = new Set([...before].filter((type) => types.has(type)))
      possible.set(key, both.size === 0 ? before : both)
      if (both.size > 0) continue
      const message = `"${test.operator}" asks ${key} to be ${[...types].join(' or ')}, a condition before it ${[...before].join(' or ')}`
      found.push({ code: 'FILTER_TYPE_CONFLICT', message, hint: 'Declare its `type:` under `traits:`.', path: [...path, test.operator] })
    }
  }
  return found
}

function typesOf({ operator, comparand }: Test<Comparand>): ReadonlySet<ValueType> {
  const rows = operatorRows(operator, null)
  const fitting = rows.filter((row) => fitsRow(row, comparand))
  return new Set((fitting.length === 0 ? rows : fitting).flatMap((row) => row.types))
}

function checkEvent(condition: EventCount, path: FilterPath, scope: FilterScope): readonly Found[] {
  const found: Found[] = []
  if (!scope.eventNames.has(condition.name)) {
    const names = [...scope.eventNames]
    const hint =
      didYouMean(condition.name, names) ??
      (names.length === 0 ? 'No mapping has an `event:`.' : `Sent are: ${names.slice(0, 20).join(', ')}.`)
    found.push({ code: 'FILTER_EVENT_UNKNOWN', message: `no mapping sends an event "${condition.name}"`, hint, path: [...path, 'event'] })
  }
  if (condition.tests.length === 0) found.push(missingOperator(path, 'more_than, less_than or exactly'))
  if (condition.narrow !== null) found.push(...checkKey(condition.narrow, path, scope))
  return found
}

function checkValue(condition: ValueCondition, path: FilterPath, scope: FilterScope): readonly Found[] {
  const { operand, tests } = condition
  const unknown = checkKey(operand, path, scope)
  if (tests.length === 0) return [...unknown, missingOperator(path, 'such as equals, matches or more_than')]
  const type = operand.kind === 'audience' ? 'boolean' : (scope.traits.get(operandText(operand)) ?? null)
  return [
    ...unknown,
    ...tests.flatMap((test) => checkTest(test, type, { operand, path: [...path, test.operator], timeZone: scope.timeZone })),
  ]
}

function missingOperator(path: FilterPath, names: string): Found {
  return {
    code: 'FILTER_OPERATOR_MISSING',
    message: `expected an operator, ${names}`,
    hint: 'A condition is a key and one operator.',
    path,
  }
}

function checkKey(operand: LeafOperand, path: FilterPath, scope: FilterScope): readonly Found[] {
  const key = operandText(operand)
  const known = operand.kind === 'audience' ? scope.audiences : scope.traits
  if (known.has(key)) return []
  const place = [...path, operand.kind]
  if (operand.kind === 'trait' && scope.enrichment.has(key)) {
    const hint = 'Filters read computations: map the computation that holds it under `traits:`.'
    return [{ code: 'FILTER_UNKNOWN_KEY', message: `"${key}" is an enrichment trait, which filters cannot read`, hint, path: place }]
  }
  const section = operand.kind === 'audience' ? 'audiences' : 'traits'
  const hint =
    didYouMean(key, [...known.keys()]) ??
    `If it exists in Segment, list it under \`${section}:\`, with \`send: false\` if only filters need it.`
  return [{ code: 'FILTER_UNKNOWN_KEY', message: `no mapping and no other filter knows the ${operand.kind} "${key}"`, hint, path: place }]
}

interface TestPlace {
  readonly operand: LeafOperand
  readonly path: FilterPath
  readonly timeZone: string | undefined
}

function checkTest(test: Test<Comparand>, type: ValueType | null, place: TestPlace): readonly Found[] {
  const { operator, comparand } = test
  const rows = operatorRows(operator, type)
  if (rows.length === 0) return [wrongOperator(test, type, place)]
  const row = rows.find((candidate) => fitsRow(candidate, comparand))
  if (row === undefined) return [wrongComparand(test, rows[0].comparand, place)]
  if (row.comparand === 'pattern') return checkPattern(comparand as string, place.path)
  if (row.comparand === 'instant') return checkInstant(comparand as string, place)
  return []
}

function wrongOperator({ operator }: Test<Comparand>, type: ValueType | null, { operand, path }: TestPlace): Found {
  const types = [...new Set(operatorRows(operator, null).flatMap((row) => row.types))]
  const fitting = HINTS[`${operator} ${type}`] ?? (types.length === 0 ? undefined : `"${operator}" is for the types ${types.join(', ')}.`)
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
  'matches number': 'Braze has no pattern on numbers. Write `more_than`, `less_than` or `exactly`, or declare `type: string`.',
  'matches integer': 'Braze has no pattern on numbers. Write `more_than`, `less_than` or `exactly`, or declare `type: string`.',
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

function wrongComparand({ operator, comparand }: Test<Comparand>, wanted: string, { operand, path }: TestPlace): Found {
  const got = JSON.stringify(comparand)
  const message = `"${operator}" on ${operandText(operand)} expects ${WANTED[wanted]}, got ${got}`
  const hint =
    typeof comparand === 'number'
      ? `Write '${comparand}' in quotes, or declare another \`type:\` for it.`
      : 'Compare with a value of its type, or declare another `type:` for it.'
  return { code: 'FILTER_OPERATOR_TYPE', message, hint, path, ...(typeof comparand === 'number' && { number: comparand }) }
}

function checkInstant(comparand: string, { path, timeZone }: TestPlace): readonly Found[] {
  if (parseInstant(comparand, timeZone) !== null) return []
  const hint = 'Dates are ISO 8601: 2026-01-31, or 2026-01-31T09:30:00Z.'
  return [{ code: 'FILTER_TIME', message: `expected a date, got ${JSON.stringify(comparand)}`, hint, path }]
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
  return findRegexRemarks(pattern).map(({ code, message, hint, offset }) => ({ code, message, hint, path, offset, length: 1 }))
}

function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const near = closest(word, candidates)
  return near === null ? undefined : `Did you mean "${near}"?`
}
