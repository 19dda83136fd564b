import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EXTERNAL_ID,
  Layout,
  Partition,
  readPartition,
  userHash,
  userKey,
  writeSnapshot,
} from '../../src/rows/index.ts'
import type { UserKey } from '../../src/rows/index.ts'

const layout = new Layout([{ number: 0, id: 'one', kind: 'slot' }])

function keyOf(id: string): UserKey {
  return userKey(EXTERNAL_ID, id)
}

function find(partition: Partition, id: string): number {
  const key = keyOf(id)
  return partition.find(userHash(key).high, key)
}

describe('rows of a partition', () => {
  it('are found by the whole identifier, also after growing and after being stored', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 300 }),
        fc.nat({ max: 400 }),
        (ids, room) => {
          const partition = new Partition(0, layout)
          const rows = ids.map((id) => partition.findOrAdd(keyOf(id)))
          partition.reserve(room)
          const stored = readPartition(0, layout, {
            snapshot: writeSnapshot(partition),
            deltas: [],
          })

          expect(rows).toEqual(ids.map((_, index) => index))
          expect(ids.map((id) => find(partition, id))).toEqual(rows)
          expect(ids.map((id) => find(stored, id))).toEqual(rows)
          expect(rows.map((row) => stored.idText(row))).toEqual(
            rows.map((row) => partition.idText(row)),
          )
          if (!ids.includes('nobody')) expect(find(stored, 'nobody')).toBe(-1)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('are told apart though their hashes are equal', () => {
    const partition = new Partition(0, layout)

    const rows = ['a', 'b', 'c'].map((id) => partition.add(7, keyOf(id)))

    expect(rows.map((row) => partition.idText(row))).toEqual(['a', 'b', 'c'])
    expect(['a', 'b', 'c'].map((id) => partition.find(7, keyOf(id)))).toEqual(rows)
    expect(partition.find(7, keyOf('d'))).toBe(-1)
  })
})
