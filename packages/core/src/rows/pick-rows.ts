import { hashOut } from './hash/murmur.ts'
import { Partition } from './partition.ts'
import { hashUser } from './hash/user-key.ts'

/** Some rows of a partition alone: they keep what they hold, and their numbers in the log. */
export function pickRows(from: Partition, rows: readonly number[]): Partition {
  const picked = new Partition(from.number, from.layout, {
    rows: Uint32Array.from(rows),
    end: from.rows,
  })
  picked.reserve(rows.length)
  for (const row of rows) copyRow(from, row, picked)
  return picked
}

function copyRow(from: Partition, row: number, picked: Partition): void {
  const { stride, columns } = from.layout
  const key = from.keyOf(row)
  hashUser(key.kind, key.bytes, key.start, key.end)
  const to = picked.add(hashOut[1], key)
  picked.words.set(from.words.subarray(row * stride, (row + 1) * stride), to * stride)
  for (let column = 0; column < columns.length; column++) {
    const text = from.storedTexts.get(row, column)
    const digest = from.refused.get(row, column)
    const run = from.runOf(row, column)
    if (text !== undefined) picked.storedTexts.set(to, column, text)
    if (digest !== undefined) picked.refused.set(to, column, digest)
    if (run !== 0) picked.noteRun(to, column, run)
  }
}
