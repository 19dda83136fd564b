import { onlyOf } from '@engage-sync/contract'
import type { ValueType } from '../../values/value-type.ts'

/** Which list of the dashboard a filter is found in. */
export type RecipeFilterKind =
  | 'Custom Attributes'
  | 'Nested Custom Attributes'
  | 'Default attribute'
  | 'Segment Cohorts'
  | 'Custom Event'
  | 'X Custom Event in Y Days'
  | 'X Custom Event Property in Y Days'

/** One filter, as somebody puts it together in Braze's dashboard. */
export interface RecipeFilter {
  readonly kind: RecipeFilterKind
  /** Of the attribute, the event or the cohort. */
  readonly name: string
  /** Members inside the attribute, outermost first; only of nested custom attributes. */
  readonly path: readonly string[]
  /** Data type of the attribute the operator belongs to; null: any, or no attribute. */
  readonly type: ValueType | null
  /** In the dashboard's words; a number of days stands at its `…`. */
  readonly operator: string
  /** What it compares with, joined by OR; empty for operators without. */
  readonly values: readonly (string | number | boolean)[]
  /** Of event counts: whole UTC days looked back; null: ever. */
  readonly days: number | null
  /** Of event counts: only events with this property. */
  readonly property: { readonly name: string; readonly value: string } | null
}

/**
 * Filters, and how they are joined.
 *
 * `TYPE`: only one of the parts is built, the one whose data type Braze shows for the attribute.
 */
export type RecipeNode =
  | { readonly join: 'AND' | 'OR' | 'TYPE'; readonly parts: readonly RecipeNode[] }
  | { readonly join: null; readonly filter: RecipeFilter }

/** Parts joined, without joins of one part or of the same kind inside each other. */
export function joined(join: 'AND' | 'OR', parts: readonly RecipeNode[]): RecipeNode {
  const flat = parts.flatMap((part) => (part.join === join ? part.parts : [part]))
  return onlyOf(flat) ?? { join, parts: flat }
}

/** Where an attribute is found in the dashboard. */
export type RecipePlace = Pick<RecipeFilter, 'kind' | 'name' | 'path'>

/** A filter on an attribute; what it does not say is empty. */
export function attributeNode(
  place: RecipePlace,
  {
    type,
    operator,
    values = [],
  }: Pick<RecipeFilter, 'type' | 'operator'> & { readonly values?: RecipeFilter['values'] },
): RecipeNode {
  return { join: null, filter: { ...place, type, operator, values, days: null, property: null } }
}

/** Every filter of a recipe, from top to bottom. */
export function recipeFilters(node: RecipeNode): readonly RecipeFilter[] {
  return node.join === null ? [node.filter] : node.parts.flatMap(recipeFilters)
}
