import type { CatalogEntry, CatalogSync } from './catalog.ts'

/** Something that values come from or go to. */
export interface Node {
  /** Of this graph alone. */
  readonly id: string
  /** 0: what Segment computes; 1: segments; 2: what Braze holds. */
  readonly column: 0 | 1 | 2
  readonly kind:
    'trait' | 'audience' | 'enrichment' | 'segment' | 'attribute' | 'event' | 'cohort' | 'group'
  readonly name: string
  /** What is said beside the name: a type, a source. Empty for nothing. */
  readonly note: string
}

/** From where to where. */
export interface Edge {
  readonly from: string
  readonly to: string
}

/** The lineage of a sync. */
export interface Graph {
  readonly nodes: readonly Node[]
  readonly edges: readonly Edge[]
}

/**
 * What flows where in a sync: traits and audiences, the segments that read them, and what they become in Braze.
 *
 * Shape: nodes column by column, each in the order of what they hang on, so that few lines cross.
 */
export function graphOf({ entries }: CatalogSync): Graph {
  const nodes = new Map<string, Node>()
  const edges: Edge[] = []
  for (const entry of entries) {
    const column = entry.kind === 'segment' ? 1 : 0
    const note = entry.type ?? ''
    nodes.set(entry.mapping, { id: entry.mapping, column, kind: entry.kind, name: entry.key, note })
    for (const target of targetsOf(entry)) {
      nodes.set(target.id, target)
      edges.push({ from: entry.mapping, to: target.id })
    }
  }
  for (const { mapping, reads, counts } of entries) {
    const from = [...reads, ...counts.map((name) => `event ${name}`)]
    for (const each of from) if (nodes.has(each)) edges.push({ from: each, to: mapping })
  }
  return { nodes: inOrder([...nodes.values()], edges), edges }
}

function targetsOf({
  attribute,
  events,
  cohort,
  subscription_group: group,
}: CatalogEntry): readonly Node[] {
  const node = (kind: Node['kind'], name: string): Node => ({
    id: `${kind} ${name}`,
    column: 2,
    kind,
    name,
    note: kind === 'group' ? 'subscription group' : kind,
  })
  return [
    ...(attribute === null ? [] : [node('attribute', attribute)]),
    ...events.map((name) => node('event', name)),
    ...(cohort === null ? [] : [node('cohort', cohort)]),
    ...(group === null ? [] : [node('group', group)]),
  ]
}

/** Each column in the order of the middle of what its nodes hang on in the columns before. */
function inOrder(nodes: readonly Node[], edges: readonly Edge[]): readonly Node[] {
  const ordered: Node[] = []
  const places = new Map<string, number>()
  for (const column of [0, 1, 2] as const) {
    const own = nodes.filter((node) => node.column === column)
    const weigh = ({ id }: Node): number => {
      const from = edges.flatMap((edge) => {
        const place = edge.to === id ? places.get(edge.from) : undefined
        return place === undefined ? [] : [place]
      })
      return from.length === 0 ? Infinity : from.reduce((a, b) => a + b, 0) / from.length
    }
    const sorted =
      column === 0
        ? own
        : own
            .map((node) => ({ node, weight: weigh(node) }))
            .toSorted((a, b) => (a.weight === b.weight ? 0 : a.weight - b.weight))
            .map(({ node }) => node)
    for (const [at, { id }] of sorted.entries()) places.set(id, (at + 0.5) / sorted.length)
    ordered.push(...sorted)
  }
  return ordered
}
