import type { SpaceRow } from '../../online/space-view.ts'
import type { Colours } from '../text/colours.ts'
import { formatCount } from '../text/numbers.ts'
import { alignRows } from '../text/table.ts'

/**
 * Segment's view of the computations beside ours, as a block for a terminal; empty without rows.
 */
export function spaceLines(rows: readonly SpaceRow[], colours: Colours): readonly string[] {
  if (rows.length === 0) return []
  const head = ['', 'mapping', 'in Segment', 'here', 'members in Segment', 'in Braze'].map((cell) =>
    colours.dim(cell),
  )
  const cells = rows.map(({ mapping, segment, ours, size }) => [
    '',
    mapping,
    segment ?? '·',
    ours.mode,
    size === null ? '·' : countOrDot(size.segment),
    size === null ? '·' : countOrDot(size.braze),
  ])
  return [
    colours.bold('Segment beside Braze'),
    ...alignRows([head, ...cells], ['left', 'left', 'left', 'left', 'right', 'right']),
  ]
}

function countOrDot(count: number | null): string {
  return count === null ? '·' : formatCount(count)
}
