import type { NormalisedSync } from '../model/sync.ts'
import { castTo } from '../values/cast.ts'
import type { Cast } from '../values/cast.ts'
import { accept } from '../values/encode-result.ts'
import type { ValueType } from '../values/value-type.ts'
import { typesFromFilters } from './asked-types.ts'
import type { LeafOperand } from './compiled.ts'
import { conditionsOf, operandText, readFilter } from './condition.ts'

type Operand = Pick<LeafOperand, 'kind' | 'key' | 'path'>

/** What the traits of one sync are, for its mappings and its filters alike. */
export interface TraitTypes {
  /** Declared, standard or asked for by filters; null when it is open. */
  readonly typeOf: (operand: Operand) => ValueType | null
  /** The cast every mapping and filter of this operand shares. */
  readonly castOf: (operand: Operand) => Cast
  /** No declared type, but filters look for text in it: a text, or an array of texts. */
  readonly isTextual: (operand: Operand) => boolean
}

const TEXT_OPERATORS: ReadonlySet<string> = new Set(['matches', 'not_matches', 'contains'])
const castBoolean = castTo('boolean')

/**
 * Find the types of all traits that a sync maps or that its filters read; audiences are boolean.
 */
export function traitTypesOf(sync: NormalisedSync): TraitTypes {
  const asked = typesFromFilters(
    Object.fromEntries([...sync.segments].map(([key, { when }]) => [key, { when }])),
  )
  const mapped = new Map(
    [...sync.traits.values()].map(({ source, type }) => [
      operandText({ kind: 'trait', key: source.name, path: source.path }),
      type,
    ]),
  )
  const searched = searchedTraits(sync)
  const typeOf = (operand: Operand): ValueType | null => {
    if (operand.kind === 'audience') return 'boolean'
    const text = operandText(operand)
    return mapped.get(text) ?? asked.get(text) ?? null
  }
  const isTextual = (operand: Operand): boolean =>
    typeOf(operand) === null && searched.has(operandText(operand))
  const castOf = (operand: Operand): Cast => {
    if (operand.kind === 'audience') return castBoolean
    return isTextual(operand) ? castText : castForType(typeOf(operand))
  }
  return { typeOf, castOf, isTextual }
}

/** The cast to a type; null lets everything through. */
export function castForType(type: ValueType | null): Cast {
  return type === null ? accept : castTo(type)
}

/** Arrays as they are, everything else as text: what a text filter can look into. */
export const castText: Cast = (value) =>
  Array.isArray(value) ? accept(value) : castTo('string')(value)

function searchedTraits(sync: NormalisedSync): ReadonlySet<string> {
  const searched = new Set<string>()
  for (const { when } of sync.segments.values()) {
    for (const { condition } of conditionsOf(readFilter(when))) {
      if (
        condition.kind === 'trait' &&
        condition.tests.some(({ operator }) => TEXT_OPERATORS.has(operator))
      )
        searched.add(operandText(condition.operand))
    }
  }
  return searched
}
