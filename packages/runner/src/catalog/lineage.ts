import { markup, NOTHING } from '../output/html/index.ts'
import type { Markup } from '../output/html/index.ts'
import type { Edge, Graph, Node } from './graph.ts'

const WIDTH = 1080
const NODE_WIDTH = 288
const NODE_HEIGHT = 30
const ROW = 38
const TOP = 26
/** Letters that fit a node of the size they are written in. */
const MOST_LETTERS = 38

const HEADS = ['Segment computes', 'Segments of this sync', 'In Braze'] as const

/** Style of the drawn lineage. */
export const LINEAGE_STYLE = `
.lineage { overflow-x: auto; border: 1px solid var(--line); border-radius: .7rem; background: var(--card); margin: .7rem 0 1rem; padding: .8rem 1rem } .lineage svg { display: block; width: 100%; min-width: 56rem; height: auto }
.lineage text { font-size: 12.5px; fill: var(--ink) } .lineage .head { fill: var(--soft); font-weight: 600 } .lineage .note { fill: var(--soft); font-size: 11px; text-anchor: end }
.lineage .box { fill: var(--page); stroke: var(--line) } .lineage .edge { fill: none; stroke: var(--fill-6); stroke-width: 1.3; opacity: .7 }
.lineage .trait, .lineage .enrichment, .lineage .attribute { fill: var(--fill-1) } .lineage .audience, .lineage .cohort { fill: var(--fill-2) } .lineage .segment { fill: var(--fill-3) } .lineage .event { fill: var(--fill-5) } .lineage .group { fill: var(--fill-4) }
@media print { .lineage svg { min-width: 0 } }
`

/**
 * A lineage as a drawing: three columns, a line for each flow.
 *
 * @param name - of the sync, for those who cannot see it; a table says the same
 */
export function lineage(graph: Graph, name: string): Markup {
  const { nodes, edges } = graph
  if (edges.length === 0) return NOTHING
  const places = placesOf(graph)
  const height = Math.max(...[...places.values()].map(({ y }) => y)) + ROW
  const hasSegments = countOf(nodes, 1) > 0
  const heads = HEADS.map((head, column) =>
    column === 1 && !hasSegments
      ? NOTHING
      : markup`<text x="${xOf(column)}" y="12" class="head">${head}</text>`,
  )
  const lines = edges.map((edge) => edgeLine(edge, places))
  const boxes = nodes.map((node) => nodeBox(node, places))
  const label = `Lineage of ${name}: ${edges.length} flows between ${nodes.length} names; the table below says the same`
  return markup`<div class="lineage" role="region" aria-label="Lineage of ${name}" tabindex="0"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">${heads}${lines}${boxes}</svg></div>`
}

type Places = ReadonlyMap<string, { readonly x: number; readonly y: number }>

/** What Braze holds stands row by row; what flows into it beside that, so that most lines are straight. */
function placesOf({ nodes, edges }: Graph): Places {
  const places = new Map<string, { x: number; y: number }>()
  for (const column of [2, 0, 1]) {
    let free = TOP
    for (const { id } of nodes.filter((node) => node.column === column)) {
      const wanted = column === 2 ? free : besideOf(id, edges, places)
      const y = Math.max(free, wanted ?? free)
      places.set(id, { x: xOf(column), y })
      free = y + ROW
    }
  }
  return places
}

/** The middle of what a node hangs on, of what has a place; null where nothing has. */
function besideOf(id: string, edges: readonly Edge[], places: Places): number | null {
  const found = edges.flatMap(({ from, to }) => {
    const place = from === id ? places.get(to) : to === id ? places.get(from) : undefined
    return place === undefined ? [] : [place.y]
  })
  return found.length === 0 ? null : Math.round(found.reduce((a, b) => a + b, 0) / found.length)
}

function countOf(nodes: readonly Node[], column: number): number {
  return nodes.filter((node) => node.column === column).length
}

function xOf(column: number): number {
  return (column * (WIDTH - NODE_WIDTH)) / 2
}

/** From the right side of one to the left of the other; back to an earlier column, from below. */
function edgeLine({ from, to }: Edge, places: Places): Markup {
  const [start, end] = [places.get(from), places.get(to)]
  if (start === undefined || end === undefined) return NOTHING
  const middle = NODE_HEIGHT / 2
  const isBack = end.x < start.x
  const [x1, x2] = isBack ? [start.x, end.x + NODE_WIDTH] : [start.x + NODE_WIDTH, end.x]
  const [y1, y2] = [start.y + middle, end.y + middle]
  const bend = (x2 - x1) / 2
  const path = `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`
  const dashed = isBack ? markup` stroke-dasharray="4 3"` : NOTHING
  return markup`<path d="${path}" class="edge"${dashed}/>`
}

function nodeBox({ id, kind, name, note }: Node, places: Places): Markup {
  const { x, y } = places.get(id) ?? { x: 0, y: 0 }
  const letters = MOST_LETTERS - (note === '' ? 0 : note.length + 2)
  const shown = name.length > letters ? `${name.slice(0, letters - 1)}…` : name
  const said =
    note === ''
      ? NOTHING
      : markup`<text x="${x + NODE_WIDTH - 10}" y="${y + 19.5}" class="note">${note}</text>`
  return markup`<g><title>${kind} ${name}</title><rect x="${x}" y="${y}" width="${NODE_WIDTH}" height="${NODE_HEIGHT}" rx="7" class="box"/><rect x="${x}" y="${y}" width="5" height="${NODE_HEIGHT}" rx="2.5" class="${kind}"/><text x="${x + 15}" y="${y + 19.5}">${shown}</text>${said}</g>`
}
