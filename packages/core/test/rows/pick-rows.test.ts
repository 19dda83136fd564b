import { describe, expect, it } from 'vitest'
import {
  DeltaWriter,
  Layout,
  Partition,
  pickRows,
  readPartition,
  writeSnapshot,
} from '../../src/index.ts'

const layout = new Layout([
  { number: 0, id: 'a', kind: 'slot' },
  { number: 1, id: 'b', kind: 'count' },
])
const encoder = new TextEncoder()

function addUser(partition: Partition, name: string): number {
  const bytes = encoder.encode(name)
  return partition.findOrAdd({ kind: 0x61, bytes, start: 0, end: bytes.length })
}

/** A partition of users `u0` to `u99`; the count of each is its number. */
function hundred(): Partition {
  const partition = new Partition(3, layout)
  for (let number = 0; number < 100; number++) {
    const row = addUser(partition, `u${number}`)
    partition.counts.add(row, 1, number)
    partition.storedTexts.set(row, 0, `text ${number}`)
    partition.refused.set(row, 1, { low: number, high: 7 })
    partition.noteRun(row, 0, number % 2)
  }
  return partition
}

const countOf = (partition: Partition, row: number) => partition.counts.total(row, 1)

describe('pickRows', () => {
  it('keeps what the rows hold', () => {
    const picked = pickRows(hundred(), [90, 5])

    expect(picked.rows).toBe(2)
    expect([0, 1].map((row) => picked.idText(row))).toEqual(['u90', 'u5'])
    expect([0, 1].map((row) => countOf(picked, row))).toEqual([90, 5])
    expect([0, 1].map((row) => picked.storedTexts.get(row, 0))).toEqual(['text 90', 'text 5'])
    expect([0, 1].map((row) => picked.refused.get(row, 1))).toEqual([
      { low: 90, high: 7 },
      { low: 5, high: 7 },
    ])
    expect([0, 1].map((row) => picked.runOf(row, 0))).toEqual([0, 1])
  })

  it('writes under the numbers of the log, and new rows behind its last', () => {
    const whole = hundred()
    const picked = pickRows(whole, [90, 5])
    const added = addUser(picked, 'new')
    picked.counts.add(1, 1, 1000)
    picked.counts.add(added, 1, 1100)
    const delta = new DeltaWriter(picked)
    delta.column(1, 1)
    delta.row(added)
    delta.column(added, 1)

    const read = readPartition(3, layout, {
      snapshot: writeSnapshot(whole),
      deltas: [delta.take()],
    })

    expect(read.rows).toBe(101)
    expect([5, 90, 100].map((row) => countOf(read, row))).toEqual([1005, 90, 1100])
    expect(read.idText(100)).toBe('new')
  })

  it('picks nothing of a partition', () => {
    const picked = pickRows(hundred(), [])

    expect([picked.rows, picked.storedRow(addUser(picked, 'new'))]).toEqual([0, 100])
  })
})
