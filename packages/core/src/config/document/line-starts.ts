import { itemAt } from '@engage-sync/contract'
/** A place in a file; both are 1-based. */
export interface LinePosition {
  readonly line: number
  readonly column: number
}

/**
 * Offsets at which the lines of a text begin. The YAML parser counts lines too, but loses some
 * after a mistake.
 */
export function lineStartsOf(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** The line and column of an offset. */
export function positionOf(starts: readonly number[], offset: number): LinePosition {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (itemAt(starts, middle) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - itemAt(starts, low) + 1 }
}
