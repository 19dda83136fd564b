import type { Json } from '@engage-sync/contract'
import type { FilterTree, Leaf } from './compiled.ts'
import type { FilterOptions } from './leaf.ts'

/**
 * What a filter means, as JSON to take a fingerprint of: its conditions, how they combine, and the
 * types they read.
 *
 * Shape: the company time zone and the rule for absent values count only where a condition depends
 * on them.
 */
export function filterMeaning(
  leaves: readonly Leaf[],
  tree: FilterTree,
  options: FilterOptions,
): Json {
  const conditions = leaves.map((leaf): Json => {
    const operand = leaf.type === 'event' ? null : leaf.operand
    return {
      type: leaf.type,
      text: leaf.text,
      kind: operand?.kind ?? null,
      valueType: operand === null ? null : options.typeOf(operand),
    }
  })
  const readsDates = leaves.some(({ text }) => / (?:before|after) /u.test(text))
  const negates = leaves.some(({ text }) => / (?:not_equals|not_in) /u.test(text))
  return {
    conditions,
    tree: treeMeaning(tree),
    timeZone: readsDates ? (options.timeZone ?? 'UTC') : null,
    negationMatchesAbsent: negates ? (options.negationMatchesAbsent ?? true) : null,
  }
}

function treeMeaning(tree: FilterTree): Json {
  if (tree.op === 'leaf') return tree.leaf
  if (tree.op === 'not') return { not: treeMeaning(tree.child) }
  return { [tree.op]: tree.children.map(treeMeaning) }
}
