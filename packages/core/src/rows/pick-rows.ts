import { hashOut } from './hash.ts'
import { hashUser, Partition } from './partition.ts'
import type { UserKey } from './partition.ts'

/** Some rows of a partition alone: they keep what they hold, and their numbers in the log. */
export function pickRows(from: Partition, rows: readonly number[]): Partition {
  const picked = new Partition(from.number, from.layout, { rows: Uint32Array.from(rows), end: from.rows })
  picked.reserve(rows.length)
  for (const row of rows) copyRow(from, row, picked)
  return picked
}

function copyRow(from: Partition, row: number, picked: Partition): void {
  const { layout, ids, idAt } = from
  const { stride, columns } = layout
  hashUser(ids[idAt[row]], ids, idAt[row] + 1, idAt[row + 1])
  const key = { kind: ids[idAt[row]], bytes: ids, start: idAt[row] + 1, end: idAt[row + 1] } as UserKey
  const to = picked.add(hashOut[1], key)
  picked.words.set(from.words.subarray(row * stride, (row + 1) * stride), to * stride)
  for (let column = 0; column < columns.length; column++) {
    const place = row * columns.length + column
    const target = to * columns.length + column
    const text = from.kept.get(place)
    const digest = from.refused.get(place)
    const run = from.origins.runOf(place)
    if (text !== undefined) picked.kept.set(target, text)
    if (digest !== undefined) picked.refused.set(target, digest)
    if (run !== 0) picked.origins.note(target, run)
  }
}
