import { withoutColour } from '../../process/marks.ts'
import { oneLine } from './safe-text.ts'

/** How the cells of a column stand. */
export type Align = 'left' | 'right'

/**
 * Rows of cells as aligned lines.
 *
 * Shape: one line a row whatever is in its cells, two spaces between columns, nothing behind the
 * last one. Colour counts as nothing.
 */
export function alignRows(
  given: readonly (readonly string[])[],
  align: readonly Align[],
): readonly string[] {
  const rows = given.map((row) => row.map(oneLine))
  const widths: number[] = []
  for (const row of rows)
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell))
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, align[column] ?? 'left'))
      .join('  ')
      .trimEnd(),
  )
}

function pad(cell: string, width: number, align: Align): string {
  const room = ' '.repeat(width - widthOf(cell))
  return align === 'right' ? room + cell : cell + room
}

function widthOf(cell: string): number {
  return withoutColour(cell).length
}

/** Text cut to a width, with an ellipsis where something is missing. */
export function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}
