import { formatCount } from '../text/numbers.ts'
import { markup, NOTHING } from './markup.ts'
import type { Markup, Part } from './markup.ts'

/** How something is meant: `plain` says nothing of good or bad. */
export type Tone = 'good' | 'warn' | 'bad' | 'plain'

/** Words in a small box of their colour. */
export function pill(words: string, tone: Tone | 'quiet' = 'plain'): Markup {
  return markup`<span class="pill ${tone}">${words}</span>`
}

/** A command to be copied: one click selects all of it. */
export function command(line: string): Markup {
  return markup`<code class="command">${line}</code>`
}

/** Text of several lines. */
export function lines(text: string): Markup {
  return markup`${text
    .split('\n')
    .map((line, index) => (index === 0 ? markup`${line}` : markup`<br>${line}`))}`
}

/** Text in which words between backticks are code, as hints have it. */
export function prose(text: string): Markup {
  const parts = text.split('`')
  const isWhole = parts.length % 2 === 1
  return isWhole
    ? markup`${parts.map((part, index) => (index % 2 === 1 ? markup`<code>${part}</code>` : lines(part)))}`
    : lines(text)
}

/** A count for a cell: nothing is a dot, which no eye stops at. */
export function counted(count: number): Markup {
  return count === 0 ? markup`<span class="zero">·</span>` : markup`${formatCount(count)}`
}

/** One number that matters, what it was before, and how it went. */
export interface Tile {
  readonly name: string
  readonly value: string
  readonly note?: Part
  /** A small chart below it. */
  readonly chart?: Markup
}

/** Tiles in a grid: four beside each other, two on a small screen. */
export function tiles(shown: readonly Tile[]): Markup {
  return markup`<div class="tiles">${shown.map(
    ({ name, value, note = null, chart = NOTHING }) =>
      markup`<dl class="tile"><dt>${name}</dt><dd class="value">${value}</dd><dd class="note">${note}</dd>${
        chart === NOTHING ? NOTHING : markup`<dd>${chart}</dd>`
      }</dl>`,
  )}</div>`
}

/** What a folded part holds, and what is read before it is opened. */
export function folded(summary: Part, ...parts: readonly Part[]): Markup {
  return markup`<details><summary>${summary}</summary><div class="inside">${parts}</div></details>`
}

/** A column: its head, and where its cells stand. */
export interface Column {
  readonly head: string
  /** `number` stands to the right, `chart` has a width of its own. Default: text. */
  readonly kind?: 'number' | 'chart'
}

/**
 * A table, scrolled on its own where the screen is too small for it.
 *
 * Shape: the first cell of a row names it.
 *
 * @param label - what it is of, for those who cannot see where it stands
 */
export function table(
  label: string,
  columns: readonly Column[],
  rows: readonly (readonly Part[])[],
): Markup {
  const head = columns.map(({ head: text, kind }) =>
    text === ''
      ? markup`<td></td>`
      : markup`<th scope="col"${kind === 'number' ? markup` class="n"` : NOTHING}>${text}</th>`,
  )
  const body = rows.map(
    (row) => markup`<tr>${columns.map((column, at) => cell(column, at, row[at] ?? null))}</tr>\n`,
  )
  return markup`<div class="table" role="region" aria-label="${label}" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table></div>`
}

const CLASSES = { number: 'n', chart: 'chart' } as const

/** A cell, with the head of its column for small screens, where each row is a block of its own. */
function cell({ head, kind }: Column, at: number, content: Part): Markup {
  const css = kind === undefined ? NOTHING : markup` class="${CLASSES[kind]}"`
  if (at === 0) return markup`<th scope="row"${css}>${content}</th>`
  const named =
    head === '' || kind !== 'number' || content === null ? NOTHING : markup` data-head="${head}"`
  return markup`<td${css}${named}>${content}</td>`
}
