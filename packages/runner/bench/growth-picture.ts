import type { Growth, GrowthSize } from './growth.ts'
import type { Figures } from './summary.ts'

/** A panel: one figure over the number of events, from zero up. */
interface Panel {
  readonly title: string
  readonly left: number
  readonly top: number
  readonly of: (figures: Figures) => number
  /** The number on an axis or at a point. */
  readonly label: (value: number) => string
}

/** A place of a line, with its number above it or below, where the other line is not. */
interface Point {
  readonly x: number
  readonly y: number
  readonly text: string
  readonly isAbove: boolean
}

const WIDTH = 880
const HEIGHT = 410
const PLOT = { width: 340, height: 240 }
const PANEL_TOP = 84
const STEPS = 4
/** The lines, with the class that gives each its colour. */
const LINES: readonly { readonly subject: string; readonly style: string }[] = [
  { subject: 'first load', style: 'first' },
  { subject: 're-read', style: 'again' },
]
const PANELS: readonly Panel[] = [
  {
    title: 'Events a second',
    left: 80,
    top: PANEL_TOP,
    of: (figures) => figures.events_per_second,
    label: thousands,
  },
  {
    title: 'Peak memory, MB',
    left: 510,
    top: PANEL_TOP,
    of: (figures) => figures.peak_mb,
    label: String,
  },
]

/** Both grounds have a contrast of at least 4.5 to 1 with all text that stands on them. */
const STYLE = `
    svg { --ground: #ffffff; --ink: #1f2328; --quiet: #59636e; --grid: #d1d9e0; --first: #0969da; --again: #bc4c00 }
    @media (prefers-color-scheme: dark) {
      svg { --ground: #0d1117; --ink: #f0f6fc; --quiet: #9198a1; --grid: #3d444d; --first: #4493f8; --again: #f0883e }
    }
    text { font: 13px system-ui, sans-serif; fill: var(--ink) }
    .ground { fill: var(--ground) }
    .grid { stroke: var(--grid) }
    .line { fill: none; stroke-width: 2.5 }
    .title { font-size: 15px; font-weight: 600 }
    .quiet { fill: var(--quiet) }
    .end { text-anchor: end }
    .middle { text-anchor: middle }
    .value { text-anchor: middle; paint-order: stroke; stroke: var(--ground); stroke-width: 4 }
    path.first { stroke: var(--first) }
    path.again { stroke: var(--again) }
    .mark.first { fill: var(--first) }
    .mark.again { fill: var(--again) }
`

/**
 * Draws how speed and memory change with the number of events.
 *
 * Shape: figures in, an SVG out; the same figures give the same text. The events are on a
 * logarithmic axis.
 */
export function drawGrowth(growth: Growth): string {
  const { sizes } = growth
  const users = sizes
    .map((size) => `${thousands(size.events)} events of ${thousands(size.users)} users`)
    .join(' · ')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title">
  <title id="title">Events a second and peak memory of a first load and a re-read, by the number of events</title>
  <style>${STYLE}  </style>
  <rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="8"/>
${legend()}
${PANELS.map((panel) => drawPanel(panel, sizes)).join('\n')}
${text({ x: WIDTH / 2, y: HEIGHT - 16 }, users, 'quiet middle')}
</svg>
`
}

function legend(): string {
  return LINES.map(({ subject, style }, index) => {
    const x = 80 + index * 120
    return `  <path class="line ${style}" d="M${x} 28h28"/>\n${text({ x: x + 36, y: 33 }, subject, `mark ${style}`)}`
  }).join('\n')
}

function drawPanel(panel: Panel, sizes: readonly GrowthSize[]): string {
  const { title, left, top, of, label } = panel
  const valuesOf = (subject: string) => sizes.map((size) => of(size.subjects[subject]))
  const most = topOf(Math.max(...LINES.flatMap(({ subject }) => valuesOf(subject))))
  const bottom = top + PLOT.height
  const yOf = (value: number) => round(bottom - (value / most) * PLOT.height)
  const grid = Array.from({ length: STEPS + 1 }, (_, step) => {
    const value = (most / STEPS) * step
    return `  <path class="grid" d="M${left} ${yOf(value)}h${PLOT.width}"/>\n${text({ x: left - 8, y: yOf(value) + 4 }, label(value), 'quiet end')}`
  })
  const ticks = sizes.map(({ events }) =>
    text({ x: xOf(events, left, sizes), y: bottom + 36 }, thousands(events), 'quiet middle'),
  )
  const lines = LINES.map(({ subject, style }) => {
    const points = valuesOf(subject).map((value, index): Point => {
      const highest = Math.max(...LINES.map((line) => valuesOf(line.subject)[index]))
      return {
        x: xOf(sizes[index].events, left, sizes),
        y: yOf(value),
        text: label(value),
        isAbove: value === highest,
      }
    })
    return drawLine(points, style)
  })
  return [text({ x: left, y: top - 20 }, title, 'title'), ...grid, ...ticks, ...lines].join('\n')
}

function drawLine(points: readonly Point[], style: string): string {
  const path = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('')
  const dots = points.map(
    ({ x, y }) => `  <circle class="mark ${style}" cx="${x}" cy="${y}" r="3.5"/>`,
  )
  const values = points.map((point) =>
    text(
      { x: point.x, y: round(point.y + (point.isAbove ? -10 : 20)) },
      point.text,
      `mark ${style} value`,
    ),
  )
  return [`  <path class="line ${style}" d="${path}"/>`, ...dots, ...values].join('\n')
}

function xOf(events: number, left: number, sizes: readonly GrowthSize[]): number {
  const [first, last] = [sizes[0].events, sizes[sizes.length - 1].events].map(Math.log10)
  const inset = 30
  return round(
    left + inset + ((Math.log10(events) - first) / (last - first)) * (PLOT.width - inset * 2),
  )
}

/** The next round number that leaves some room: 1, 2, 4 or 8 times a power of ten. */
function topOf(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return power * [1, 2, 4, 8, 10, 20].find((step) => step * power >= value * 1.05)!
}

function thousands(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`
  return value >= 1000 ? `${Math.round(value / 1000)}k` : String(value)
}

function text(
  { x, y }: { readonly x: number; readonly y: number },
  content: string,
  style: string,
): string {
  return `  <text class="${style}" x="${x}" y="${y}">${content}</text>`
}

function round(value: number): number {
  return Number(value.toFixed(1))
}
