import { describe, expect, it } from 'vitest'
import { DeltaWriter, Layout, Partition, pickRows, readPartition, writeSnapshot } from '../../src/index.ts'

const layout = new Layout([
  { number: 0, id: 'a', kind: 'slot' },
  { number: 1, id: 'b', kind: 'count' },
])
const encoder = new TextEncoder()

function addUser(partition: Partition, name: string): number {
  const bytes = encoder.encode(name)
  return partition.findOrAdd({ kind: 0x61, bytes, start: 0, end: bytes.length })
}

/** A partition of users `u0` to `u99`; the word of each is its number. */
function hundred(): Partition {
  const partition = new Partition(3, layout)
  for (let number = 0; number < 100; number++) {
    const row = addUser(partition, `u${number}`)
    partition.words[row * layout.stride + layout.offsets[1]] = number
    partition.kept.set(row * 2, `text ${number}`)
    partition.refused.set(row * 2 + 1, [number, 7])
    partition.origins.note(row * 2, number % 2)
  }
  return partition
}

const wordOf = (partition: Partition, row: number) => partition.words[row * layout.stride + layout.offsets[1]]

describe('pickRows', () => {
  it('keeps what the rows hold', () => {
    const picked = pickRows(hundred(), [90, 5])

    expect(picked.rows).toBe(2)
    expect([0, 1].map((row) => picked.idText(row))).toEqual(['u90', 'u5'])
    expect([0, 1].map((row) => wordOf(picked, row))).toEqual([90, 5])
    expect([0, 1].map((row) => picked.kept.get(row * 2))).toEqual(['text 90', 'text 5'])
    expect([0, 1].map((row) => picked.refused.get(row * 2 + 1))).toEqual([
      [90, 7],
      [5, 7],
    ])
    expect([0, 1].map((row) => picked.origins.runOf(row * 2))).toEqual([0, 1])
  })

  it('writes under the numbers of the log, and new rows behind its last', () => {
    const whole = hundred()
    const picked = pickRows(whole, [90, 5])
    const added = addUser(picked, 'new')
    picked.words[1 * layout.stride + layout.offsets[1]] = 1005
    picked.words[added * layout.stride + layout.offsets[1]] = 1100
    const delta = new DeltaWriter(picked)
    delta.column(1, 1)
    delta.row(added)
    delta.column(added, 1)

    const read = readPartition(3, layout, { snapshot: writeSnapshot(whole), deltas: [delta.take()] })

    expect(read.rows).toBe(101)
    expect([5, 90, 100].map((row) => wordOf(read, row))).toEqual([1005, 90, 1100])
    expect(read.idText(100)).toBe('new')
  })

  it('picks nothing of a partition', () => {
    const picked = pickRows(hundred(), [])

    expect([picked.rows, picked.storedRow(addUser(picked, 'new'))]).toEqual([0, 100])
  })
})
