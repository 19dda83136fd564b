import { SyncError, entryOf, itemAt } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import { readInstant } from '../values/cast.ts'
import { parseInstant } from '../values/instant.ts'
import type { ValueType } from '../values/value-type.ts'
import type { Leaf, LeafOperand } from './compiled.ts'
import { operandText } from './condition.ts'
import type { EventCount, Test } from './condition.ts'
import type { Comparand } from './operator-tests.ts'
import { EVENT_OPERATOR_TABLE } from './event-operators.ts'
import type { EventOperatorRow } from './event-operators.ts'
import { operatorRows } from './operators.ts'
import type { OperatorRow } from './operators.ts'
import { fitsRow, isOfRow } from './row-fits.ts'

/** What the meaning of a filter depends on beside its text. */
export interface FilterOptions {
  /** Type of a trait, or null when any type goes. Audiences are boolean. */
  readonly typeOf: (operand: LeafOperand) => ValueType | null
  /**
   * Zone of dates without one in `before` and `after`: the company time zone of the Braze
   * workspace.
   */
  readonly timeZone?: string
  /**
   * Whether `not_equals` and `not_in` hold for users without a value; Braze leaves it open.
   * Default: true.
   */
  readonly negationMatchesAbsent?: boolean
}

const DAY_MS = 24 * 60 * 60 * 1000

/**
 * One operator of a condition as a leaf.
 *
 * @throws {SyncError} `FILTER_OPERATOR_TYPE` when the operator or its value does not fit the type,
 *   `FILTER_TIME` for a date that cannot be read, `FILTER_REGEX` for a pattern that cannot be used
 */
export function valueLeaf(
  operand: LeafOperand,
  test: Test<Comparand>,
  options: FilterOptions,
): Leaf {
  const text = `${operandText(operand)} ${test.operator} ${JSON.stringify(test.comparand)}`
  const rows = rowsFor(operand, test, options)
  const { comparand: wanted } = itemAt(rows, 0)
  if (wanted === 'days') return timeLeaf(operand, test, text)
  const comparand =
    wanted === 'instant' ? instantOf(test.comparand, options.timeZone) : test.comparand
  const tests = rows.map((row) => ({ row, test: row.test(comparand) }))
  const absent = absentVerdict(rows, test.comparand, options.negationMatchesAbsent ?? true)
  const verdict = (value: Json): boolean => {
    for (const each of tests) if (isOfRow(each.row, value)) return each.test(value)
    return absent
  }
  return { type: 'value', operand, test: verdict, absent, text }
}

/** The rows of the operator that fit the type and the comparand; never empty. */
function rowsFor(
  operand: LeafOperand,
  test: Test<Comparand>,
  options: FilterOptions,
): readonly OperatorRow[] {
  const type = operand.kind === 'audience' ? 'boolean' : options.typeOf(operand)
  const rows = operatorRows(test.operator, type).filter((row) => fitsRow(row, test.comparand))
  if (rows.length > 0) return rows
  const what = `${operandText(operand)}: "${test.operator}" with ${JSON.stringify(test.comparand)}`
  throw new SyncError(
    'FILTER_OPERATOR_TYPE',
    `${what} does not fit the type ${type ?? 'of any value'}`,
  )
}

function absentVerdict(
  rows: readonly OperatorRow[],
  comparand: Comparand,
  negationMatchesAbsent: boolean,
): boolean {
  return rows.some(({ absent }) => {
    if (absent === 'zero')
      return comparand === 0 || (Array.isArray(comparand) && comparand.includes(0))
    if (absent === 'switch') return negationMatchesAbsent
    return absent === 'blank' ? comparand === true : absent === 'yes'
  })
}

function instantOf(comparand: Comparand, timeZone: string | undefined): number {
  const instant = parseInstant(String(comparand), timeZone)
  if (instant === null)
    throw new SyncError(
      'FILTER_TIME',
      `expected a date such as 2026-01-31, got ${JSON.stringify(comparand)}`,
    )
  return instant
}

/**
 * Days are 24 hours from `now`; "less than" lies between so many days ago and now, both included.
 */
function timeLeaf(
  operand: LeafOperand,
  { operator, comparand }: Test<Comparand>,
  text: string,
): Leaf {
  const span = (comparand as number) * DAY_MS
  const common = { type: 'time' as const, operand, read: readInstant, absent: false, text }
  if (operator === 'more_than_days_ago') {
    return {
      ...common,
      test: (value, now) => value < now - span,
      nextChange: (value, now) => (value < now - span ? Infinity : value + span + 1),
    }
  }
  return {
    ...common,
    test: (value, now) => value >= now - span && value <= now,
    nextChange: (value, now) => {
      if (value > now) return value
      return value >= now - span ? value + span + 1 : Infinity
    },
  }
}

const EVENT_OPERATORS: ReadonlyMap<string, EventOperatorRow> = new Map(
  EVENT_OPERATOR_TABLE.map((row) => [row.operator, row]),
)

/** One operator of an event condition as a leaf. */
export function eventLeaf(condition: EventCount, test: Test<number>): Leaf {
  const { name, narrow, withinDays } = condition
  const row = entryOf(EVENT_OPERATORS, test.operator)
  const of = narrow === null ? '' : ` of ${operandText(narrow)}`
  const within = withinDays === null ? '' : ` within ${withinDays} days`
  const text = `event ${JSON.stringify(name)}${of} ${test.operator} ${test.comparand}${within}`
  return { type: 'event', name, narrow, withinDays, test: row.test(test.comparand), text }
}
