import { onlyOf } from '@engage-sync/contract'
import type { FilterConfig } from '../schema/filter.ts'
import { fingerprintOf } from '../values/fingerprint.ts'
import type { CompiledFilter, FilterTree, Leaf } from './compiled.ts'
import { readFilter } from './condition.ts'
import type { FilterNode } from './condition.ts'
import { eventLeaf, valueLeaf } from './leaf.ts'
import type { FilterOptions } from './leaf.ts'
import { filterMeaning } from './meaning.ts'
import { timingOf } from './timing.ts'

/**
 * Compile a filter once: leaves with their tests, the tree over them, and one closure that
 * evaluates it.
 *
 * Shape: a filter as written in; leaves in the order of the file, equal ones only once. What
 * `checkFilter` finds no error in compiles.
 *
 * @throws {SyncError} `FILTER_OPERATOR_TYPE`, `FILTER_TIME`, `FILTER_REGEX`
 */
export function compileFilter(filter: FilterConfig, options: FilterOptions): CompiledFilter {
  const leaves = new LeafList()
  const tree = buildTree(readFilter(filter), leaves, options)
  const fingerprint = fingerprintOf(filterMeaning(leaves.all, tree, options))
  return {
    leaves: leaves.all,
    tree,
    evaluate: evaluatorOf(tree),
    timing: timingOf(leaves.all),
    fingerprint,
  }
}

class LeafList {
  readonly all: Leaf[] = []
  readonly #indexes = new Map<string, number>()

  /** Index of the leaf, which is added unless an equal one is there. */
  indexOf(leaf: Leaf): number {
    const key = JSON.stringify([
      leaf.type,
      leaf.type === 'event' ? leaf.narrow : leaf.operand,
      leaf.text,
    ])
    const known = this.#indexes.get(key)
    if (known !== undefined) return known
    this.#indexes.set(key, this.all.length)
    return this.all.push(leaf) - 1
  }
}

function buildTree(node: FilterNode, leaves: LeafList, options: FilterOptions): FilterTree {
  if (node.op === 'not') return { op: 'not', child: buildTree(node.child, leaves, options) }
  if (node.op !== 'condition')
    return {
      op: node.op,
      children: node.children.map((child) => buildTree(child, leaves, options)),
    }
  const { condition } = node
  const built =
    condition.kind === 'event'
      ? condition.tests.map((test) => eventLeaf(condition, test))
      : condition.tests.map((test) => valueLeaf(condition.operand, test, options))
  const children = built.map((leaf): FilterTree => ({ op: 'leaf', leaf: leaves.indexOf(leaf) }))
  return onlyOf(children) ?? { op: 'all', children }
}

type Evaluate = CompiledFilter['evaluate']

/** One closure for the whole tree; children are asked in order, and no more than needed. */
function evaluatorOf(tree: FilterTree): Evaluate {
  if (tree.op === 'leaf') {
    const { leaf } = tree
    return (verdict) => verdict(leaf)
  }
  if (tree.op === 'not') {
    const child = evaluatorOf(tree.child)
    return (verdict) => !child(verdict)
  }
  const children = tree.children.map(evaluatorOf)
  const wanted = tree.op === 'any'
  return (verdict) => {
    for (const child of children) if (child(verdict) === wanted) return wanted
    return !wanted
  }
}
