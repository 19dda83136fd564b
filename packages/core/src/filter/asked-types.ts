import type { TraitConditionConfig } from '../schema/filter.ts'
import type { TraitOperator } from '../schema/vocabulary.ts'
import type { SyncConfig } from '../schema/sync.ts'
import { VALUE_TYPES } from '../values/value-type.ts'
import type { ValueType } from '../values/value-type.ts'
import { operatorRows } from './operators.ts'
import { conditionsOf, operatorsIn } from './written.ts'

/**
 * Infers the types of traits from the filters of a sync.
 *
 * Shape: trait key → type for keys whose conditions agree on one; `number` stands for both kinds of
 * number.
 */
export function typesFromFilters(segments: SyncConfig['segments']): ReadonlyMap<string, ValueType> {
  const possible = new Map<string, ReadonlySet<ValueType>>()
  for (const segment of Object.values(segments ?? {})) {
    for (const placed of conditionsOf(segment.when)) {
      if (placed.type !== 'trait') continue
      const { trait } = placed.condition
      const before = possible.get(trait) ?? new Set(VALUE_TYPES)
      const now = typesFor(placed.condition)
      possible.set(trait, new Set([...before].filter((type) => now.has(type))))
    }
  }
  const decided = new Map<string, ValueType>()
  for (const [key, types] of possible) {
    const type = decide(types)
    if (type !== null) decided.set(key, type)
  }
  return decided
}

function decide(types: ReadonlySet<ValueType>): ValueType | null {
  const [first, ...others] = [...types].filter((type) => type !== 'integer')
  return first !== undefined && others.length === 0 ? first : null
}

/** The types a condition can hold for: those of its operator, narrowed by what it compares with. */
export function typesFor(condition: TraitConditionConfig): ReadonlySet<ValueType> {
  const types = new Set<ValueType>()
  for (const operator of operatorsIn(condition)) {
    for (const row of operatorRows(operator, null))
      if (fits(row.comparand, condition[operator], operator))
        for (const type of row.types) types.add(type)
  }
  return types.size === 0 ? new Set(VALUE_TYPES) : types
}

function fits(comparand: string, value: unknown, operator: TraitOperator): boolean {
  if (operator === 'is_blank') return true
  const sample = Array.isArray(value) ? value[0] : value
  if (comparand === 'text' || comparand === 'texts') return typeof sample === 'string'
  if (comparand === 'number' || comparand === 'numbers') return typeof sample === 'number'
  return comparand !== 'boolean' || typeof sample === 'boolean'
}
