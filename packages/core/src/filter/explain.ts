import { itemAt } from '@engage-sync/contract'
import type { CompiledFilter, FilterTree } from './compiled.ts'

/** A filter tree with the verdict of each node, for one user. */
export interface ExplainedNode {
  /** `all`, `any`, `not`, or the text of the condition. */
  readonly text: string
  readonly verdict: boolean
  readonly children: readonly ExplainedNode[]
}

/**
 * Why a filter holds for a user or not: every node with its verdict, none left out.
 *
 * @param verdict - the current verdict of leaf n
 */
export function explainFilter(
  filter: CompiledFilter,
  verdict: (leaf: number) => boolean,
): ExplainedNode {
  return explainTree(filter.tree, filter, verdict)
}

/** The explanation as lines of text: `yes` or `no`, indented two spaces a level. */
export function explanationLines(node: ExplainedNode, depth = 0): readonly string[] {
  const line = `${'  '.repeat(depth)}${node.verdict ? 'yes' : 'no '} ${node.text}`
  return [line, ...node.children.flatMap((child) => explanationLines(child, depth + 1))]
}

function explainTree(
  tree: FilterTree,
  filter: CompiledFilter,
  verdict: (leaf: number) => boolean,
): ExplainedNode {
  if (tree.op === 'leaf')
    return {
      text: itemAt(filter.leaves, tree.leaf).text,
      verdict: verdict(tree.leaf),
      children: [],
    }
  if (tree.op === 'not') {
    const child = explainTree(tree.child, filter, verdict)
    return { text: 'not', verdict: !child.verdict, children: [child] }
  }
  const children = tree.children.map((child) => explainTree(child, filter, verdict))
  const holds =
    tree.op === 'all'
      ? children.every((child) => child.verdict)
      : children.some((child) => child.verdict)
  return { text: tree.op, verdict: holds, children }
}
