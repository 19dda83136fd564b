import { zip } from '@engage-sync/core'
import { formatCount, formatShare } from '../text/numbers.ts'
import { markup, NOTHING } from './markup.ts'
import type { Markup } from './markup.ts'

/** A colour of the page, by its number: 1 and 2 for what comes, 3 and 4 for what goes or fails, 5 beside them, 6 and 7 for what does not matter. */
export type Fill = 1 | 2 | 3 | 4 | 5 | 6 | 7

/** One part of a whole. */
export interface BarPart {
  readonly name: string
  readonly count: number
  readonly fill: Fill
}

const WIDTH = 1000
const LEAST_WIDTH = 3

/**
 * Parts of a whole as one bar, the whole width of its place.
 *
 * Shape: parts of nothing are left out; the others are as wide as their share, but never too thin to be seen.
 */
export function stackedBar(parts: readonly BarPart[], label: string): Markup {
  const shown = parts.filter(({ count }) => count > 0)
  const whole = totalOf(shown)
  const widths = shown.map(({ count }) => Math.max(LEAST_WIDTH, (count / whole) * WIDTH))
  const scale = WIDTH / widths.reduce((sum, width) => sum + width, 0)
  let x = 0
  const rects = zip(shown, widths).map(([part, raw]) => {
    const width = raw * scale
    const rect = markup`<rect x="${x.toFixed(1)}" width="${width.toFixed(1)}" height="10" class="f${part.fill}"><title>${titleOf(part, whole)}</title></rect>`
    x += width
    return rect
  })
  return picture(rects, { label, box: `0 0 ${WIDTH} 10`, kind: 'bar' })
}

/** The names, counts and shares of a bar, as text. @param meanings - what a name means, where it needs to be said */
export function legend(
  parts: readonly BarPart[],
  meanings: ReadonlyMap<string, string> = new Map(),
): Markup {
  const whole = totalOf(parts)
  const items = parts
    .filter(({ count }) => count > 0)
    .map(({ name, count, fill }) => {
      const meaning = meanings.get(name)
      const note = meaning === undefined ? NOTHING : markup` <span class="soft">${meaning}</span>`
      return markup`<li><span class="dot f${fill}"></span><span><b>${formatCount(count)}</b> ${name} <span class="soft">${formatShare(count, whole)}</span>${note}</span></li>`
    })
  return markup`<ul class="legend">${items}</ul>`
}

/** A part of a row's bar. */
export interface RowBar {
  readonly parts: readonly BarPart[]
  /** What a whole row is, the same for all rows of a table. */
  readonly most: number
}

/** Parts of a row beside those of other rows, on a common scale. */
export function rowBar({ parts, most }: RowBar): Markup {
  let x = 0
  const rects = parts
    .filter(({ count }) => count > 0)
    .map((part) => {
      const width = Math.max(LEAST_WIDTH, (part.count / most) * WIDTH)
      const rect = markup`<rect x="${x.toFixed(1)}" y="2" width="${width.toFixed(1)}" height="12" class="f${part.fill}"/>`
      x += width
      return rect
    })
  const scale = Math.max(WIDTH, x)
  return picture(rects, { label: wordsOf(parts), box: `0 0 ${scale.toFixed(1)} 16` })
}

/** What comes to the right of a middle line, and what goes to its left, on a common scale. */
export function divergingBar(
  { joins, leaves }: { readonly joins: number; readonly leaves: number },
  most: number,
): Markup {
  const half = WIDTH / 2
  const widthOf = (count: number) =>
    count === 0 ? 0 : Math.max(LEAST_WIDTH * 2, (count / most) * half)
  const [left, right] = [widthOf(leaves), widthOf(joins)]
  const rects = [
    markup`<rect x="${(half - left).toFixed(1)}" y="2" width="${left.toFixed(1)}" height="12" class="f3"/>`,
    markup`<rect x="${half}" y="2" width="${right.toFixed(1)}" height="12" class="f2"/>`,
    markup`<line x1="${half}" x2="${half}" y1="0" y2="16" class="axis"/>`,
  ]
  const label = `${formatCount(joins)} join, ${formatCount(leaves)} leave`
  return picture(rects, { label, box: `0 0 ${WIDTH} 16` })
}

/** Steps in which a trend is drawn. */
const HIGH = 30

/**
 * How a number went, oldest first, the last point marked.
 *
 * Shape: fewer than two say nothing, and draw nothing.
 *
 * @param label - what it is, for those who cannot see it
 */
export function trend(values: readonly number[], label: string): Markup {
  if (values.length < 2) return NOTHING
  const most = Math.max(...values, 1)
  const points = values.map((value, at): readonly [string, string] => [
    ((at / (values.length - 1)) * WIDTH).toFixed(1),
    (HIGH - 1 - (value / most) * (HIGH - 4)).toFixed(1),
  ])
  const line = points.map((point) => point.join(',')).join(' ')
  const [x, y] = points.at(-1) ?? ['0', '0']
  const drawn = [
    markup`<polygon points="0,${HIGH} ${line} ${WIDTH},${HIGH}" class="area"/>`,
    markup`<polyline points="${line}" class="trend"/>`,
    markup`<line x1="${x}" x2="${x}" y1="${y}" y2="${y}" class="last"/>`,
  ]
  return picture(drawn, { label, box: `0 0 ${WIDTH} ${HIGH}` })
}

interface Picture {
  readonly label: string
  readonly box: string
  readonly kind?: string
}

function picture(drawn: readonly Markup[], { label, box, kind = '' }: Picture): Markup {
  const css = kind === '' ? NOTHING : markup` class="${kind}"`
  return markup`<svg viewBox="${box}" preserveAspectRatio="none" role="img" aria-label="${label}"${css}>${drawn}</svg>`
}

function totalOf(parts: readonly BarPart[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0)
}

function titleOf({ name, count }: BarPart, whole: number): string {
  return `${name}: ${formatCount(count)} (${formatShare(count, whole)})`
}

function wordsOf(parts: readonly BarPart[]): string {
  const said = parts
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${formatCount(count)} ${name}`)
  return said.length === 0 ? 'nothing' : said.join(', ')
}

/** A column of a chart over runs. */
export interface ColumnBar {
  readonly count: number
  readonly fill: Fill
  /** What it is, for who points at it. */
  readonly title: string
}

const COLUMN = 10
const TALL = 100

/** Columns beside each other, oldest first, on a common scale from nothing up. */
export function columnChart(bars: readonly ColumnBar[], label: string): Markup {
  const most = Math.max(...bars.map(({ count }) => count), 1)
  const rects = bars.map(({ count, fill, title }, at) => {
    const height = count === 0 ? 1 : Math.max(2, (count / most) * TALL)
    return markup`<rect x="${at * COLUMN + 1}" y="${(TALL - height).toFixed(1)}" width="${COLUMN - 2}" height="${height.toFixed(1)}" class="f${fill}"><title>${title}</title></rect>`
  })
  // A few columns are as wide as many are.
  const width = Math.max(bars.length, LEAST_COLUMNS) * COLUMN
  return picture(rects, { label, box: `0 0 ${width} ${TALL}`, kind: 'columns' })
}

const LEAST_COLUMNS = 12
