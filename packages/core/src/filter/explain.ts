import { itemAt } from '@engage-sync/contract'
import type { CompiledFilter, FilterTree } from './compiled.ts'

/** A filter tree with the verdict of each node, for one user. */
export interface ExplainedNode {
  /** `all`, `any`, `not`, or the text of the condition. */
  readonly text: string
  readonly verdict: boolean
  /** What is known of what the condition looks at, in a few words; null where nothing is to be said. */
  readonly fact: string | null
  readonly children: readonly ExplainedNode[]
}

/**
 * Why a filter holds for a user or not: every node with its verdict, none left out.
 *
 * @param verdict - the current verdict of leaf n
 * @param fact - what is known of what leaf n looks at. Default: nothing
 */
export function explainFilter(
  filter: CompiledFilter,
  verdict: (leaf: number) => boolean,
  fact: (leaf: number) => string | null = () => null,
): ExplainedNode {
  return explainTree(filter.tree, filter, { verdict, fact })
}

/** What is known of each leaf. */
interface LeafReading {
  readonly verdict: (leaf: number) => boolean
  readonly fact: (leaf: number) => string | null
}

/** The explanation as lines of text: `yes` or `no`, indented two spaces a level. */
export function explanationLines(node: ExplainedNode, depth = 0): readonly string[] {
  const fact = node.fact === null ? '' : `  (${node.fact})`
  const line = `${'  '.repeat(depth)}${node.verdict ? 'yes' : 'no '} ${node.text}${fact}`
  return [line, ...node.children.flatMap((child) => explanationLines(child, depth + 1))]
}

function explainTree(tree: FilterTree, filter: CompiledFilter, read: LeafReading): ExplainedNode {
  if (tree.op === 'leaf')
    return {
      text: itemAt(filter.leaves, tree.leaf).text,
      verdict: read.verdict(tree.leaf),
      fact: read.fact(tree.leaf),
      children: [],
    }
  if (tree.op === 'not') {
    const child = explainTree(tree.child, filter, read)
    return { text: 'not', verdict: !child.verdict, fact: null, children: [child] }
  }
  const children = tree.children.map((child) => explainTree(child, filter, read))
  const holds =
    tree.op === 'all'
      ? children.every((child) => child.verdict)
      : children.some((child) => child.verdict)
  return { text: tree.op, verdict: holds, fact: null, children }
}
