import type { TraitOperator } from '../schema/vocabulary.ts'
import type { ValueType } from '../values/value-type.ts'
import * as tests from './operator-tests.ts'
import type { MakeTest } from './operator-tests.ts'

export type { Comparand } from './operator-tests.ts'

/**
 * What a condition says of users without a value (or with one of another type).
 *
 * `zero`: only when it asks for the number 0. `switch`: by `negationMatchesAbsent`. `blank`: they
 * count as blank.
 */
export type AbsentRule = 'no' | 'yes' | 'zero' | 'switch' | 'blank'

/**
 * One operator on one kind of value: what it means here, and what it is called in Braze's
 * dashboard.
 */
export interface OperatorRow {
  readonly operator: TraitOperator
  readonly types: readonly ValueType[]
  /** What it may be compared with. */
  readonly comparand:
    'text' | 'number' | 'boolean' | 'texts' | 'numbers' | 'scalar' | 'instant' | 'days' | 'pattern'
  readonly absent: AbsentRule
  /** Verdict for a present value of one of the types. */
  readonly test: MakeTest
  readonly meaning: string
  readonly dashboard: string
}

type Tuple = readonly [
  TraitOperator,
  readonly ValueType[],
  OperatorRow['comparand'],
  AbsentRule,
  MakeTest,
  string,
  string,
]

const STRING: readonly ValueType[] = ['string']
const NUMBER: readonly ValueType[] = ['number', 'integer']
const BOOLEAN: readonly ValueType[] = ['boolean']
const ARRAY: readonly ValueType[] = ['array']
const TIME: readonly ValueType[] = ['time']

const ROWS: readonly Tuple[] = [
  ['equals', STRING, 'text', 'no', tests.isEqual, 'exactly this text, case-sensitive', 'is any of'],
  ['equals', NUMBER, 'number', 'zero', tests.isEqual, 'this number; 0 is also no value', 'exactly'],
  [
    'equals',
    BOOLEAN,
    'boolean',
    'no',
    tests.isEqual,
    'true, or an explicit false',
    'is true / is false',
  ],
  [
    'not_equals',
    STRING,
    'text',
    'switch',
    tests.not(tests.isEqual),
    'any other text',
    'is none of',
  ],
  [
    'not_equals',
    NUMBER,
    'number',
    'switch',
    tests.not(tests.isEqual),
    'any other number',
    'does not equal',
  ],
  [
    'not_equals',
    BOOLEAN,
    'boolean',
    'switch',
    tests.not(tests.isEqual),
    'the other one, or not set',
    'is true or not set / is false or not set',
  ],
  ['in', STRING, 'texts', 'no', tests.isListed, 'one of these texts, case-sensitive', 'is any of'],
  [
    'in',
    NUMBER,
    'numbers',
    'zero',
    tests.isListed,
    'one of these numbers; 0 is also no value',
    'exactly, joined by OR',
  ],
  [
    'not_in',
    STRING,
    'texts',
    'switch',
    tests.not(tests.isListed),
    'none of these texts',
    'is none of',
  ],
  [
    'not_in',
    NUMBER,
    'numbers',
    'switch',
    tests.not(tests.isListed),
    'none of these numbers',
    'does not equal, joined by AND',
  ],
  [
    'matches',
    STRING,
    'pattern',
    'no',
    tests.matchesText,
    'the pattern is found in the text, in any case',
    'matches regex',
  ],
  [
    'matches',
    ARRAY,
    'pattern',
    'no',
    tests.matchesElement,
    'the pattern is found in an element, in any case',
    'matches regex',
  ],
  [
    'not_matches',
    STRING,
    'pattern',
    'no',
    tests.notAndNotEmpty(tests.matchesText),
    'a text that is not blank, without the pattern',
    'does not match regex',
  ],
  [
    'not_matches',
    ARRAY,
    'pattern',
    'no',
    tests.notAndNotEmpty(tests.matchesElement),
    'an array that is not empty, with the pattern in no element',
    'no such operator',
  ],
  [
    'contains',
    STRING,
    'text',
    'no',
    tests.hasPart,
    'this is part of the text, case-sensitive',
    'contains any of',
  ],
  [
    'contains',
    ARRAY,
    'scalar',
    'no',
    tests.hasElement,
    'this is an element, case-sensitive',
    'includes any of',
  ],
  ['more_than', NUMBER, 'number', 'no', tests.isAbove, 'a larger number', 'more than'],
  [
    'less_than',
    NUMBER,
    'number',
    'yes',
    tests.isBelow,
    'a smaller number, or no value',
    'less than',
  ],
  [
    'exactly',
    NUMBER,
    'number',
    'zero',
    tests.isEqual,
    'this number; 0 is also no value',
    'exactly',
  ],
  [
    'is_blank',
    STRING,
    'boolean',
    'blank',
    tests.isEmpty,
    'no value or an empty text',
    'is blank / is not blank',
  ],
  [
    'is_blank',
    [...NUMBER, 'time'],
    'boolean',
    'blank',
    tests.isMissing,
    'no value',
    'is blank / is not blank',
  ],
  [
    'is_blank',
    ['boolean', 'object'],
    'boolean',
    'blank',
    tests.isMissing,
    'no value',
    'is not set / is set',
  ],
  [
    'is_blank',
    ARRAY,
    'boolean',
    'blank',
    tests.isEmpty,
    'no value or an empty array',
    'is empty / has a value',
  ],
  ['before', TIME, 'instant', 'no', tests.isBefore, 'earlier than this moment', 'before'],
  ['after', TIME, 'instant', 'no', tests.isAfter, 'later than this moment', 'after'],
  [
    'more_than_days_ago',
    TIME,
    'days',
    'no',
    tests.byClock,
    'longer ago than so many days of 24 hours',
    'more than … days ago',
  ],
  [
    'less_than_days_ago',
    TIME,
    'days',
    'no',
    tests.byClock,
    'between so many days of 24 hours ago and now',
    'less than … days ago',
  ],
]

/**
 * Every operator of a trait condition, by kind of value: the one table that compiler, checks,
 * recipe and docs read.
 *
 * @see https://www.braze.com/docs/user_guide/data/activation/custom_data/data_types/ (operators and their blank rules)
 */
export const TRAIT_OPERATOR_TABLE: readonly OperatorRow[] = ROWS.map(
  ([operator, types, comparand, absent, test, meaning, dashboard]): OperatorRow => ({
    operator,
    types,
    comparand,
    absent,
    test,
    meaning,
    dashboard,
  }),
)

/** The rows of an operator, narrowed to one value type when it is known. */
export function operatorRows(operator: string, type: ValueType | null): readonly OperatorRow[] {
  return TRAIT_OPERATOR_TABLE.filter(
    (row) => row.operator === operator && (type === null || row.types.includes(type)),
  )
}
