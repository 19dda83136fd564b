import { formatCount } from '../../text/numbers.ts'
import { cutLines } from './layout.ts'
import type { CommentPart } from './layout.ts'

/** A table of Markdown: its head, and lines made by `line`. */
export interface PartTable {
  readonly head: readonly string[]
  readonly lines: readonly string[]
}

/** A table behind a line that opens it; nothing without lines. */
export function folded(
  { summary, ...table }: PartTable & { readonly summary: string },
  rank: number,
): CommentPart {
  const before = `<details><summary>${summary}</summary>\n\n`
  return tablePart({ ...table, before, tail: '\n</details>' }, rank)
}

/** A table below a line of its own; nothing without lines. */
export function opened(
  { title, ...table }: PartTable & { readonly title: string },
  rank: number,
): CommentPart {
  return tablePart({ ...table, before: title === '' ? '' : `${title}\n\n`, tail: '' }, rank)
}

function tablePart(
  { before, head, lines, tail }: PartTable & { readonly before: string; readonly tail: string },
  rank: number,
): CommentPart {
  const rule = head.map((cell) => (RIGHT.has(cell) ? '---:' : '---'))
  const start = `${before}| ${head.join(' | ')} |\n| ${rule.join(' | ')} |\n`
  return {
    rank,
    render(room) {
      if (lines.length === 0) return ''
      const more = (count: number) => `\n_and ${formatCount(count)} more_\n`
      const text = cutLines({ head: start, lines, tail }, { room, more })
      return tail === '' ? text.trimEnd() : text
    },
  }
}

/** Columns of numbers. */
const RIGHT = new Set([
  'users',
  'new',
  'changed',
  'set',
  'unset',
  'events',
  'joins',
  'leaves',
  'data points',
  'count',
  'attributes',
  'refused',
  'members in Segment',
  'in Braze',
])

/** One line of a table. */
export function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`
}
