import { boundTo, letterChecksum, markText, recordChecksum } from '../../format/checksum.ts'
import type { RecordTable } from '../../format/checksum.ts'
import { ALL_PARTITIONS } from '../../format/partition-column.ts'
import {
  chainOf,
  ChecksumChanges,
  CHECKSUM_MASK,
  letterPlace,
  partitionPlace,
} from '../../format/place-checksums.ts'
import type { Migrating } from './migrating.ts'

/** So many dead letters are in memory at any time: each may hold 64 KB. */
const PAGE = 500

/** Tables whose records are a key and a text, as they are read for their checksums. */
const RECORDS = [
  { table: 'positions', key: 'source', type: 'text', text: 'position' },
  { table: 'mappings', key: 'id', type: 'text', text: 'record' },
  { table: 'values', key: 'key', type: 'text', text: 'value' },
  { table: 'runs', key: 'number', type: 'bigint', text: 'record' },
] as const

/** Gives every record of format 1 its checksum. The tables are found by the search path. */
export async function bindRecords({ run }: Migrating): Promise<void> {
  for (const { table, key, type, text } of RECORDS) {
    const rows = await run<{ key: string; text: string }>(
      `SELECT ${key}::text AS key, ${text} AS text FROM "${table}"`,
    )
    const checksums = rows.map((row) => recordChecksum(table, row.key, row.text))
    await writeChecksums(run, { table, key, type }, [rows.map((row) => row.key), checksums])
  }
  const marks = await run<{ id: string; run: number; intent: string }>(
    'SELECT id, run::float8 AS run, intent FROM marks',
  )
  const checksums = marks.map((mark) =>
    recordChecksum('marks', mark.id, markText({ ...mark, partition: ALL_PARTITIONS })),
  )
  await writeChecksums(run, { table: 'marks', key: 'id', type: 'text' }, [
    marks.map(({ id }) => id),
    checksums,
  ])
  await bindLetters(run)
}

interface Letter {
  readonly id: number
  readonly run: number
  readonly sync: string
  readonly code: string
  readonly expires: number
  readonly record: string
}

async function bindLetters(run: Migrating['run']): Promise<void> {
  const next = `SELECT id::float8 AS id, run::float8 AS run, sync, code, expires_at::float8 AS expires, record
    FROM dead_letters WHERE id > $1::bigint ORDER BY id LIMIT $2::bigint`
  for (let after = -1; ;) {
    const page = await run<Letter>(next, [after, PAGE])
    const checksums = page.map(({ id, expires, ...row }) =>
      boundTo(letterChecksum({ ...row, expiresAt: expires }), id),
    )
    const ids = page.map(({ id }) => id)
    await writeChecksums(run, { table: 'dead_letters', key: 'id', type: 'bigint' }, [
      ids,
      checksums,
    ])
    if (page.length < PAGE) return
    after = ids.at(-1)!
  }
}

async function writeChecksums(
  run: Migrating['run'],
  { table, key, type }: { readonly table: string; readonly key: string; readonly type: string },
  values: readonly [keys: readonly unknown[], checksums: readonly number[]],
): Promise<void> {
  await run(
    `UPDATE "${table}" SET checksum = given.checksum FROM unnest($1::${type}[], $2::bigint[]) AS given(key, checksum)
     WHERE "${table}".${key} = given.key`,
    values,
  )
}

/** Gives every place its checksum. */
export async function startChains({ run }: Migrating): Promise<void> {
  const changes = new ChecksumChanges()
  for (const table of [
    'marks',
    'positions',
    'mappings',
    'values',
    'runs',
  ] satisfies readonly RecordTable[]) {
    for (const checksum of await checksumsOf(
      run,
      `SELECT checksum::float8 AS checksum FROM "${table}"`,
    ))
      changes.add(table, checksum)
  }
  const letters = await run<{ code: string; checksum: number }>(
    'SELECT code, checksum::float8 AS checksum FROM dead_letters',
  )
  for (const { code, checksum } of letters) changes.add(letterPlace(code), checksum)
  for (const [partition, checksums] of await chainsOf(run))
    changes.add(partitionPlace(partition), chainOf(checksums))
  for (const { place, plus } of changes.all()) {
    await run(`UPDATE checksums SET checksum = $1::bigint & ${CHECKSUM_MASK} WHERE place = $2`, [
      plus,
      place,
    ])
  }
}

async function checksumsOf(run: Migrating['run'], query: string): Promise<readonly number[]> {
  return (await run<{ checksum: number }>(query)).map(({ checksum }) => checksum)
}

async function chainsOf(run: Migrating['run']): Promise<ReadonlyMap<number, readonly number[]>> {
  const rows = await run<{ partition: number; checksum: number }>(`
    SELECT partition, checksum::float8 AS checksum FROM (
      SELECT partition, 0 AS kind, 0::bigint AS id, checksum FROM snapshots
      UNION ALL SELECT partition, 1, id, checksum FROM deltas
    ) AS pieces ORDER BY kind, id`)
  const chains = new Map<number, number[]>()
  for (const { partition, checksum } of rows) {
    const chain = chains.get(partition) ?? []
    chain.push(checksum)
    chains.set(partition, chain)
  }
  return chains
}
