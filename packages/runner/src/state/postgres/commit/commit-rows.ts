import { mergeDeltas } from '../../format/merge-deltas.ts'
import type { MergedDelta, StoredDelta } from '../../format/merge-deltas.ts'
import type { Cut, PiecePlace } from '../../format/pieces.ts'
import { checkRows } from '../../format/place-checksums.ts'
import type { CheckedRows } from '../../format/place-checksums.ts'
import type { SettledGroup } from '../../format/settle-group.ts'
import type { Column, Statement } from './statement.ts'

/** Adds the merging of deltas. @param newest - what is merged, by partition, oldest first */
export function addMerges(
  statement: Statement,
  { merges }: SettledGroup,
  newest: ReadonlyMap<number, readonly StoredDelta[]>,
): void {
  const merged = merges.flatMap(({ partition }) => {
    const one = mergeDeltas(partition, newest.get(partition) ?? [], statement.changes)
    return one === null ? [] : [one]
  })
  if (merged.length === 0) return
  removeMerged(statement, merged)
  const deltas = statement.table('deltas')
  const { all, starts } = together(statement, merged)
  const lists = [
    statement.value(
      merged.map(({ partition }) => partition),
      'int[]',
    ),
    statement.value(
      merged.map(({ id }) => id),
      'bigint[]',
    ),
    statement.value(
      merged.map(({ checksum }) => checksum),
      'bigint[]',
    ),
    statement.value(starts, 'int[]'),
    statement.value(
      merged.map(({ bytes }) => bytes.length),
      'int[]',
    ),
  ]
  statement.part(
    `UPDATE ${deltas} SET checksum = given.checksum, bytes = substring(${all} from given.start for given.length)
     FROM held, unnest(${lists.join(', ')}) AS given(partition, id, checksum, start, length)
     WHERE ${deltas}.partition = given.partition AND ${deltas}.id = given.id`,
  )
}

function removeMerged(statement: Statement, merged: readonly MergedDelta[]): void {
  const gone = merged.flatMap(({ partition, gone: ids }) => ids.map((id) => ({ partition, id })))
  const deltas = statement.table('deltas')
  const partitions = statement.value(
    gone.map(({ partition }) => partition),
    'int[]',
  )
  const ids = statement.value(
    gone.map(({ id }) => id),
    'bigint[]',
  )
  statement.part(
    `DELETE FROM ${deltas} USING held, unnest(${partitions}, ${ids}) AS given(partition, id)
     WHERE ${deltas}.partition = given.partition AND ${deltas}.id = given.id`,
  )
}

/** Adds snapshots, each in the place of all its partition has so far, and deltas after that. */
export function addRows(statement: Statement, group: SettledGroup, cut: Cut): void {
  const { snapshots, deltas } = checkRows(group, statement.changes, cut)
  // PostgreSQL lets a deletion see what stood there when the statement began, so never the deltas of this group.
  statement.remove('deltas', {
    name: 'partition',
    type: 'int',
    values: snapshots.map(({ partition }) => partition),
  })
  insertBytes(statement, {
    table: 'snapshots',
    rows: snapshots,
    more: [
      {
        name: 'generation',
        type: 'bigint',
        values: snapshots.map(({ generation }) => generation),
      },
    ],
    rest: `ON CONFLICT (partition) DO UPDATE SET checksum = excluded.checksum, generation = excluded.generation,
      bytes = excluded.bytes`,
  })
  if (snapshots.length > 0) removeFormerPieces(statement, snapshots)
  insertBytes(statement, { table: 'deltas', rows: deltas })
}

/** Of other snapshots of these partitions. */
function removeFormerPieces(statement: Statement, snapshots: readonly PiecePlace[]): void {
  const pieces = statement.table('pieces')
  const partitions = statement.value(
    snapshots.map(({ partition }) => partition),
    'int[]',
  )
  const generations = statement.value(
    snapshots.map(({ generation }) => generation),
    'bigint[]',
  )
  statement.part(
    `DELETE FROM ${pieces} USING held, unnest(${partitions}, ${generations}) AS given(partition, generation)
     WHERE ${pieces}.partition = given.partition AND ${pieces}.generation <> given.generation`,
  )
}

/** All bytes travel as one value, which PostgreSQL cuts: one binary value costs half of what an array in text would. */
function together(
  statement: Statement,
  rows: readonly { readonly bytes: Uint8Array }[],
): { readonly all: string; readonly starts: readonly number[] } {
  const all = statement.value(Buffer.concat(rows.map(({ bytes }) => bytes)), 'bytea')
  let end = 1
  const starts = rows.map(({ bytes }) => (end += bytes.length) - bytes.length)
  return { all, starts }
}

function insertBytes(
  statement: Statement,
  {
    table,
    rows,
    more = [],
    rest = '',
  }: {
    readonly table: string
    readonly rows: readonly CheckedRows[]
    readonly more?: readonly Column[]
    readonly rest?: string
  },
): void {
  if (rows.length === 0) return
  const { all, starts } = together(statement, rows)
  statement.insert(
    table,
    [
      { name: 'partition', type: 'int', values: rows.map(({ partition }) => partition) },
      { name: 'checksum', type: 'bigint', values: rows.map(({ checksum }) => checksum) },
      ...more,
      { name: 'start', type: 'int', values: starts, isHelper: true },
      {
        name: 'length',
        type: 'int',
        values: rows.map(({ bytes }) => bytes.length),
        isHelper: true,
      },
      {
        name: 'bytes',
        type: 'bytea',
        values: [],
        from: `substring(${all} from given.start for given.length)`,
      },
    ],
    rest,
  )
}
