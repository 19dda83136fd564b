import { closest } from '@engage-sync/contract'
import type { FilterConfig } from '../schema/filter.ts'
import type { ValueType } from '../values/value-type.ts'
import { checkOperator } from './check-operator.ts'
import { FILTER_CHECK_CODES } from './codes.ts'
import type { LeafOperand } from './compiled.ts'
import { conditionsOf, operandText, readFilter } from './condition.ts'
import type { EventCount, FilterNode, FilterPath, Test, ValueCondition } from './condition.ts'
import { findContradictions } from './contradiction.ts'
import type { FilterFinding, FilterScope, Found } from './finding.ts'
import type { Comparand } from './operator-tests.ts'
import { operatorRows } from './operators.ts'
import { fitsRow } from './row-fits.ts'

/**
 * Everything wrong or odd in one filter, in the order of the file.
 *
 * Shape: a filter that fits the schema in; a filter without error findings compiles.
 */
export function checkFilter(filter: FilterConfig, scope: FilterScope): readonly FilterFinding[] {
  const root = readFilter(filter)
  const found = conditionsOf(root).flatMap(({ condition, path }) =>
    condition.kind === 'event'
      ? checkEvent(condition, path, scope)
      : checkValue(condition, path, scope),
  )
  found.push(...typeConflicts(root, scope))
  const isSound = !found.some(({ code }) => FILTER_CHECK_CODES[code].severity === 'error')
  if (isSound) found.push(...findContradictions(root, scope))
  return found.map((finding) => ({
    severity: FILTER_CHECK_CODES[finding.code].severity,
    ...finding,
  }))
}

/** Conditions on one trait without a type that no type could satisfy together. */
function typeConflicts(root: FilterNode, scope: FilterScope): readonly Found[] {
  const found: Found[] = []
  const possible = new Map<string, ReadonlySet<ValueType>>()
  for (const { condition, path } of conditionsOf(root)) {
    if (
      condition.kind !== 'trait' ||
      (scope.traits.get(operandText(condition.operand)) ?? null) !== null
    )
      continue
    const key = operandText(condition.operand)
    for (const test of condition.tests) {
      const types = typesOf(test)
      const before = possible.get(key) ?? types
      const both = new Set([...before].filter((type) => types.has(type)))
      possible.set(key, both.size === 0 ? before : both)
      if (both.size > 0) continue
      const message = `"${test.operator}" asks ${key} to be ${[...types].join(' or ')}, a condition before it ${[...before].join(' or ')}`
      found.push({
        code: 'FILTER_TYPE_CONFLICT',
        message,
        hint: 'Declare its `type:` under `traits:`.',
        path: [...path, test.operator],
      })
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
      (names.length === 0
        ? 'No mapping has an `event:`.'
        : `Sent are: ${names.slice(0, 20).join(', ')}.`)
    found.push({
      code: 'FILTER_EVENT_UNKNOWN',
      message: `no mapping sends an event "${condition.name}"`,
      hint,
      path: [...path, 'event'],
    })
  }
  if (condition.tests.length === 0)
    found.push(missingOperator(path, 'more_than, less_than or exactly'))
  if (condition.narrow !== null) found.push(...checkKey(condition.narrow, path, scope))
  return found
}

function checkValue(
  condition: ValueCondition,
  path: FilterPath,
  scope: FilterScope,
): readonly Found[] {
  const { operand, tests } = condition
  const unknown = checkKey(operand, path, scope)
  if (tests.length === 0)
    return [...unknown, missingOperator(path, 'such as equals, matches or more_than')]
  const type =
    operand.kind === 'audience' ? 'boolean' : (scope.traits.get(operandText(operand)) ?? null)
  return [
    ...unknown,
    ...tests.flatMap((test) =>
      checkOperator(test, type, {
        operand,
        path: [...path, test.operator],
        timeZone: scope.timeZone,
      }),
    ),
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
    return [
      {
        code: 'FILTER_UNKNOWN_KEY',
        message: `"${key}" is an enrichment trait, which filters cannot read`,
        hint,
        path: place,
      },
    ]
  }
  const section = operand.kind === 'audience' ? 'audiences' : 'traits'
  const hint =
    didYouMean(key, [...known.keys()]) ??
    `If it exists in Segment, list it under \`${section}:\`, with \`send: false\` if only filters need it.`
  return [
    {
      code: 'FILTER_UNKNOWN_KEY',
      message: `no mapping and no other filter knows the ${operand.kind} "${key}"`,
      hint,
      path: place,
    },
  ]
}

function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const near = closest(word, candidates)
  return near === null ? undefined : `Did you mean "${near}"?`
}
