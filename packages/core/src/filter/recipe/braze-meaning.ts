import { compilePattern } from '../pattern/regex.ts'
import type { RecipeFilter, RecipeNode } from './recipe-node.ts'

/** What an operator says of somebody: yes, no, or what Braze's documents leave open. */
export type Verdict = 'yes' | 'no' | 'open'

const NO: ReadonlySet<string> = new Set([
  'is any of',
  'contains any of',
  'matches regex',
  'does not match regex',
  'more than',
  'includes any of',
  'before',
  'after',
  'more than … days ago',
  'less than … days ago',
  'in less than … days',
  'in more than … days',
  'is not blank',
  'has a value',
  'is set',
  'is true',
  'is false',
])
const OPEN: ReadonlySet<string> = new Set([
  'is none of',
  "doesn't contain any of",
  'does not equal',
  'includes none of',
])

/**
 * What a recipe says of users without a value.
 *
 * @see https://www.braze.com/docs/user_guide/data/activation/custom_data/data_types/ (exactly 0 and less than also
 * match users without a value; of the negations of text and arrays nothing is said)
 */
export function verdictWithoutValue(node: RecipeNode): Verdict {
  if (node.join === null) return ofAbsence(node.filter)
  return combine(node.join, node.parts.map(verdictWithoutValue))
}

/** What a recipe over texts says of an empty text, which counts as blank. */
export function verdictOfEmptyText(node: RecipeNode): Verdict {
  if (node.join !== null) return combine(node.join, node.parts.map(verdictOfEmptyText))
  const { operator, values } = node.filter
  return EMPTY_TEXT[operator]?.(values) === true ? 'yes' : 'no'
}

const hasEmpty = (values: RecipeFilter['values']): boolean => values.includes('')
const EMPTY_TEXT: Readonly<Record<string, (values: RecipeFilter['values']) => boolean>> = {
  'is any of': hasEmpty,
  'is none of': (values) => !hasEmpty(values),
  'contains any of': hasEmpty,
  "doesn't contain any of": (values) => !hasEmpty(values),
  'matches regex': ([pattern]) => compilePattern(String(pattern))(''),
  'is blank': () => true,
}

function ofAbsence({ operator, values }: RecipeFilter): Verdict {
  if (operator === 'exactly') return values.includes(0) ? 'yes' : 'no'
  if (NO.has(operator)) return 'no'
  return OPEN.has(operator) ? 'open' : 'yes'
}

function combine(join: 'AND' | 'OR' | 'TYPE', verdicts: readonly Verdict[]): Verdict {
  const decisive: Verdict = join === 'AND' ? 'no' : 'yes'
  if (verdicts.includes(decisive)) return decisive
  if (verdicts.includes('open')) return 'open'
  return join === 'AND' ? 'yes' : 'no'
}
