import { ROW_FORGOTTEN } from './layout.ts'
import type { Partition } from './partition.ts'

/** Erases a row: its identifier, values, kept texts and refused digests. Its number stays taken. */
export function forgetRow(partition: Partition, row: number): void {
  const { layout, words, ids, idAt, storedTexts, refused, origins } = partition
  words.fill(0, row * layout.stride, (row + 1) * layout.stride)
  words[row * layout.stride] = ROW_FORGOTTEN
  ids.fill(0, idAt[row], idAt[row + 1])
  origins.clear(row * layout.columns.length, (row + 1) * layout.columns.length)
  storedTexts.clearRow(row)
  refused.clearRow(row)
}

/** Whether some slot of a row is newer than an instant, milliseconds. */
export function isRowNewer(partition: Partition, row: number, timeMs: number): boolean {
  const { layout, slots } = partition
  return layout.columns.some(
    ({ kind, number }) => kind === 'slot' && slots.time(row, number) > timeMs,
  )
}
