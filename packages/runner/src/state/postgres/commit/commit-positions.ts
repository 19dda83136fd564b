import { recordChecksum } from '../../format/checksum.ts'
import { ALL_PARTITIONS, partitionIn, positionKey } from '../../format/partition-column.ts'
import type { SettledGroup } from '../../format/settle-group.ts'
import type { Statement } from './statement.ts'

const PLACE = 'positions'

/** Where sources go on: one of all partitions takes the place of those that some had. */
export function addPositions(
  statement: Statement,
  { positions }: Pick<SettledGroup, 'positions'>,
): void {
  if (positions.length === 0) return
  const rows = positions.map((one) => rowOf(one))
  const sources = statement.value(
    rows.map(({ source }) => source),
    'text[]',
  )
  const partitions = statement.value(
    rows.map(({ partition }) => partition),
    'int[]',
  )
  const table = statement.table(PLACE)
  const isReplaced = `stored.source = given.source AND (given.partition = ${ALL_PARTITIONS} OR stored.partition = given.partition)`
  const given = `unnest(${sources}, ${partitions}) AS given(source, partition)`
  statement.alsoSum(
    `SELECT '${PLACE}', -stored.checksum FROM ${table} AS stored JOIN ${given} ON ${isReplaced}`,
    [PLACE],
  )
  statement.part(
    `DELETE FROM ${table} AS stored USING held, ${given} WHERE ${isReplaced} AND stored.partition <> given.partition`,
  )
  for (const { checksum } of rows) statement.changes.add(PLACE, checksum)
  statement.insert(
    PLACE,
    [
      { name: 'source', type: 'text', values: rows.map(({ source }) => source) },
      { name: 'partition', type: 'int', values: rows.map(({ partition }) => partition) },
      { name: 'position', type: 'text', values: rows.map(({ text }) => text) },
      { name: 'checksum', type: 'bigint', values: rows.map(({ checksum }) => checksum) },
    ],
    'ON CONFLICT (source, partition) DO UPDATE SET position = excluded.position, checksum = excluded.checksum',
  )
}

function rowOf(one: SettledGroup['positions'][number]) {
  const { source } = one
  const [partition, text] = [partitionIn(one), JSON.stringify(one.position)]
  const checksum = recordChecksum(PLACE, positionKey(source, partition), text)
  return { source, partition, text, checksum }
}
