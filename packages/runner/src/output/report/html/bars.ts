import { zip } from '@engage-sync/core'
import { formatCount, formatShare } from '../../text/numbers.ts'
import { escapeHtml } from './escape.ts'

/** One part of a whole. `tone` names a colour of the page. */
export interface Part {
  readonly name: string
  readonly count: number
  readonly tone: string
}

const WIDTH = 960
const HEIGHT = 34
const LEAST_WIDTH = 3

/**
 * Parts of a whole as one bar, drawn in SVG.
 *
 * Shape: parts of nothing are left out; the others are as wide as their share, but never too thin
 * to be seen.
 */
export function stackedBar(parts: readonly Part[], label: string): string {
  const shown = parts.filter(({ count }) => count > 0)
  const whole = shown.reduce((sum, { count }) => sum + count, 0)
  const widths = widthsOf(shown, whole)
  let x = 0
  const rects = zip(shown, widths).map(([part, width]) => {
    const rect = `<rect x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="${HEIGHT}" class="${part.tone}"><title>${titleOf(part, whole)}</title></rect>`
    x += width
    return rect
  })
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${escapeHtml(label)}" class="bar">${rects.join('')}</svg>`
}

function widthsOf(parts: readonly Part[], whole: number): readonly number[] {
  const raw = parts.map(({ count }) => Math.max(LEAST_WIDTH, (count / whole) * WIDTH))
  const sum = raw.reduce((total, width) => total + width, 0)
  return raw.map((width) => (width / sum) * WIDTH)
}

function titleOf({ name, count }: Part, whole: number): string {
  return escapeHtml(`${name}: ${formatCount(count)} (${formatShare(count, whole)})`)
}

/** The names, counts and shares beside a bar. */
export function legend(parts: readonly Part[], meanings: ReadonlyMap<string, string>): string {
  const whole = parts.reduce((sum, { count }) => sum + count, 0)
  const items = parts
    .filter(({ count }) => count > 0)
    .map(
      ({ name, count, tone }) =>
        `<tr><td><span class="dot ${tone}"></span>${escapeHtml(name)}</td><td class="n">${formatCount(count)}</td><td class="n">${formatShare(count, whole)}</td><td class="dim">${escapeHtml(meanings.get(name) ?? '')}</td></tr>`,
    )
  return `<table class="legend"><tbody>${items.join('')}</tbody></table>`
}
