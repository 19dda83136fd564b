import type { RowPlace } from './open-partition.ts'

/**
 * Gives a column of a row what the same column of another row holds. Texts and refusals beside it
 * stay as they are.
 */
export function copyColumn(from: RowPlace, into: RowPlace, column: number): void {
  const { layout, words } = from.open.rows
  const target = into.open.rows.words
  const at = from.row * layout.stride + layout.offsets[column]
  const to = into.row * layout.stride + layout.offsets[column]
  for (let word = 0; word < layout.wordsOf(column); word++) target[to + word] = words[at + word]
}
