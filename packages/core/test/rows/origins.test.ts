import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DeltaWriter,
  EXTERNAL_ID,
  forgetRow,
  Layout,
  Partition,
  readPartition,
  userKey,
  writeSnapshot,
} from '../../src/rows/index.ts'

const COLUMNS = [0, 1, 2].map((number) => ({ number, id: `c${number}`, kind: 'slot' as const }))
const layout = new Layout(COLUMNS)
const ROWS = 5

function partitionOf(rows: number, of = layout): Partition {
  const partition = new Partition(0, of)
  for (let row = 0; row < rows; row++) partition.findOrAdd(userKey(EXTERNAL_ID, `u${row}`))
  return partition
}

const originsOf = (partition: Partition) =>
  Array.from({ length: ROWS }, (_, row) =>
    COLUMNS.map(({ number }) => partition.runOf(row, number)),
  )

/** Deliveries, each in a commit of its own or together with those before. */
const deliveries = fc.array(
  fc.record({
    row: fc.nat({ max: ROWS - 1 }),
    column: fc.nat({ max: 2 }),
    run: fc.integer({ min: 1, max: 9 }),
    cut: fc.boolean(),
  }),
  { maxLength: 40 },
)

describe('origins', () => {
  it('survive snapshots, deltas and new columns', () => {
    fc.assert(
      fc.property(deliveries, fc.nat({ max: 40 }), (made, snapshotAt) => {
        const partition = partitionOf(ROWS)
        let snapshot: Uint8Array = writeSnapshot(partition)
        let deltas: Uint8Array[] = []
        let writer = new DeltaWriter(partition)
        const expected = Array.from({ length: ROWS }, () => [0, 0, 0])
        for (const [index, { row, column, run, cut }] of made.entries()) {
          if (index === snapshotAt) {
            snapshot = writeSnapshot(partition)
            deltas = []
            writer = new DeltaWriter(partition)
          }
          partition.noteRun(row, column, run)
          expected[row][column] = run
          writer.column(row, column)
          if (!cut) continue
          deltas.push(writer.take())
          writer = new DeltaWriter(partition)
        }
        deltas.push(writer.take())
        const wider = new Layout([...COLUMNS, { number: 3, id: 'c3', kind: 'slot' }])

        expect(originsOf(partition)).toEqual(expected)
        expect(originsOf(readPartition(0, layout, { snapshot, deltas }))).toEqual(expected)
        const merged = readPartition(0, layout, { snapshot, deltas: [Buffer.concat(deltas)] })
        expect(originsOf(merged)).toEqual(expected)
        expect(
          originsOf(readPartition(0, wider, { snapshot: writeSnapshot(partition), deltas: [] })),
        ).toEqual(expected)
      }),
    )
  })

  it('go with a row that is forgotten', () => {
    const partition = partitionOf(ROWS)
    for (let row = 0; row < ROWS; row++) partition.noteRun(row, 1, 4)

    forgetRow(partition, 2)

    expect(originsOf(partition).map(([, run]) => run)).toEqual([4, 4, 0, 4, 4])
  })

  it('read snapshots that know none', () => {
    const snapshot = writeSnapshot(partitionOf(ROWS))

    const partition = readPartition(0, layout, {
      snapshot: snapshot.subarray(0, snapshot.length - 4),
      deltas: [],
    })

    expect([
      partition.rows,
      originsOf(partition)
        .flat()
        .every((run) => run === 0),
    ]).toEqual([ROWS, true])
  })

  it('of more runs than two bytes can number are not known, and a snapshot makes room again', () => {
    const crowded = partitionOf(1)
    for (let run = 1; run <= 65_536; run++) crowded.noteRun(0, 0, run)
    expect(crowded.runOf(0, 0)).toBe(0)

    const partition = partitionOf(1)
    for (let run = 1; run <= 65_535; run++) partition.noteRun(0, 0, run)
    const reopened = readPartition(0, layout, { snapshot: writeSnapshot(partition), deltas: [] })
    reopened.noteRun(0, 1, 65_536)

    expect([reopened.runOf(0, 0), reopened.runOf(0, 1)]).toEqual([65_535, 65_536])
  })
})
