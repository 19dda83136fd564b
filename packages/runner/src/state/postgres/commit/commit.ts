import type { CommitGroup } from '@engage-sync/core'
import { letterChecksum, markText, recordChecksum, SPREAD } from '../../format/checksum.ts'
import type { RecordTable } from '../../format/checksum.ts'
import type { StoredDelta } from '../../format/merge-deltas.ts'
import { partitionIn } from '../../format/partition-column.ts'
import type { Cut, Piece } from '../../format/pieces.ts'
import { settleGroup } from '../../format/settle-group.ts'
import type { SettledGroup } from '../../format/settle-group.ts'
import { letterRow } from '../../format/stored-json.ts'
import { addPositions } from './commit-positions.ts'
import { addMerges, addRows } from './commit-rows.ts'
import type { Query } from '../connection/index.ts'
import { heldBy } from './held-by.ts'
import { LETTER_PLACES, lettersIn } from './letter-sums.ts'
import { Statement } from './statement.ts'
import type { Column } from './statement.ts'
import type { WriteTicket } from './write-ticket.ts'

/** A group, and what of the state it is made with. */
export interface WrittenGroup {
  readonly group: CommitGroup
  /** The newest deltas, oldest first, of partitions in which it merges some; as many as it merges. */
  readonly newest: ReadonlyMap<number, readonly StoredDelta[]>
  /** How its snapshots were cut; the pieces after the first are there. */
  readonly cut: Cut
}

/**
 * One statement that writes a whole group, or nothing: one round trip, and atomic by itself.
 *
 * Every part reads from the update of the lease, or of the worker's row, so under another epoch or fence, or where a
 * partition is another worker's, no part writes anything.
 * Shape: gives one row, `held`: 1 when it was written, 0 when that was not as the ticket says.
 */
export function commitQuery(
  schema: string,
  ticket: WriteTicket,
  { group, newest, cut }: WrittenGroup,
): Query {
  const settled = settleGroup(group)
  const statement = new Statement(schema, { isShared: ticket.worker !== undefined })
  const held = heldBy(statement, ticket, settled)
  addMerges(statement, settled, newest)
  addRows(statement, settled, cut)
  addMarks(statement, settled)
  addDeadLetters(statement, settled)
  addPositions(statement, settled)
  addRecords(statement, settled)
  const text = statement.text(held, 'count(*)::int AS held FROM held')
  return { text, values: statement.values, isFrequent: true }
}

/** One statement that writes a piece of a snapshot ahead of its first, or nothing; gives `held`. */
export function pieceQuery(
  schema: string,
  ticket: WriteTicket,
  { partition, generation, piece, checksum, bytes }: Piece,
): Query {
  const statement = new Statement(schema, { isShared: ticket.worker !== undefined })
  const written = settleGroup({ ...ticket, deltas: [{ partition, bytes }] })
  const held = heldBy(statement, ticket, written)
  const values = [
    statement.value(partition, 'int'),
    statement.value(generation, 'bigint'),
    statement.value(piece, 'int'),
    statement.value(checksum, 'bigint'),
    statement.value(bytes, 'bytea'),
  ]
  statement.part(
    `INSERT INTO ${statement.table('pieces')} (partition, generation, piece, checksum, bytes)
     SELECT ${values.join(', ')} FROM held`,
  )
  const text = statement.text(held, 'count(*)::int AS held FROM held')
  return { text, values: statement.values, isFrequent: true }
}

/** Of a mark there is one writer, so that what stood there when the statement began is what is replaced. */
function addMarks(statement: Statement, { openMarks, closeMarks }: SettledGroup): void {
  const marks = openMarks.map((mark) => ({
    id: mark.id,
    run: mark.run,
    partition: partitionIn(mark),
    intent: JSON.stringify(mark.intent),
  }))
  const ids = { name: 'id', type: 'text', values: marks.map(({ id }) => id) }
  takeOut(statement, 'marks', ids)
  statement.insert(
    'marks',
    [
      ids,
      { name: 'run', type: 'bigint', values: marks.map(({ run }) => run) },
      { name: 'partition', type: 'int', values: marks.map(({ partition }) => partition) },
      { name: 'intent', type: 'text', values: marks.map(({ intent }) => intent) },
      checksums(
        statement,
        'marks',
        marks.map((mark) => ({ key: mark.id, text: markText(mark) })),
      ),
    ],
    `ON CONFLICT (id) DO UPDATE SET run = excluded.run, partition = excluded.partition, intent = excluded.intent,
     checksum = excluded.checksum`,
  )
  removeRecords(statement, 'marks', { name: 'id', type: 'text', values: closeMarks })
}

function addDeadLetters(
  statement: Statement,
  { deadLetters, removeDeadLetters }: SettledGroup,
): void {
  if (deadLetters.length > 0) insertLetters(statement, deadLetters)
  const ids = { name: 'id', type: 'bigint', values: removeDeadLetters }
  const gone = statement.remove('dead_letters', ids, 'RETURNING code, checksum')
  if (gone !== null) statement.alsoSum(lettersIn(gone, '-checksum'), LETTER_PLACES)
}

/** Only the database knows the number of a new letter, so it binds the checksum to it. */
function insertLetters(statement: Statement, letters: SettledGroup['deadLetters']): void {
  const rows = letters.map(letterRow)
  const columns: readonly Column[] = [
    { name: 'own', type: 'bigint', values: letters.map(({ id }) => id ?? null) },
    { name: 'run', type: 'bigint', values: rows.map(({ run }) => run) },
    { name: 'sync', type: 'text', values: rows.map(({ sync }) => sync) },
    { name: 'code', type: 'text', values: rows.map(({ code }) => code) },
    { name: 'expires_at', type: 'bigint', values: rows.map(({ expiresAt }) => expiresAt) },
    { name: 'record', type: 'text', values: rows.map(({ record }) => record) },
    { name: 'unbound', type: 'bigint', values: rows.map(letterChecksum) },
  ]
  const lists = columns.map(({ values, type }) => statement.value(values, `${type}[]`)).join(', ')
  const names = columns.map(({ name }) => name).join(', ')
  const table = statement.table('dead_letters')
  const added = statement.part(
    `INSERT INTO ${table} (id, run, sync, code, expires_at, record, checksum)
     SELECT id, run, sync, code, expires_at, record, (unbound + (id % 4294967296) * ${SPREAD}) & 4294967295
     FROM (SELECT ${numberOf(`pg_get_serial_sequence('${table}', 'id')`)} AS id, given.*
       FROM held, unnest(${lists}) WITH ORDINALITY AS given(${names}, place) ORDER BY given.place) AS numbered
     RETURNING code, checksum`,
  )
  statement.alsoSum(lettersIn(added, 'checksum'), LETTER_PLACES)
}

/** The next number, or the letter's own, which later ones then stay above. */
function numberOf(sequence: string): string {
  return `CASE WHEN given.own IS NULL THEN nextval(${sequence})
    ELSE given.own + 0 * setval(${sequence}, greatest(given.own, nextval(${sequence}) - 1)) END`
}

function addRecords(
  statement: Statement,
  { mappings, removeMappings, values, run }: SettledGroup,
): void {
  replace(statement, 'mappings', {
    columns: { key: 'id', type: 'text', text: 'record' },
    records: mappings.map((record) => recordOf(record.id, record)),
  })
  removeRecords(statement, 'mappings', { name: 'id', type: 'text', values: removeMappings })
  const kept = values.filter(({ value }) => value !== null)
  const gone = values.filter(({ value }) => value === null)
  replace(statement, 'values', {
    columns: { key: 'key', type: 'text', text: 'value' },
    records: kept.map(({ key, value }) => recordOf(key, value)),
  })
  const keys = gone.map(({ key }) => key)
  removeRecords(statement, 'values', { name: 'key', type: 'text', values: keys })
  replace(statement, 'runs', {
    columns: { key: 'number', type: 'bigint', text: 'record' },
    records: run === undefined ? [] : [recordOf(run.number, run)],
  })
}

/** A record as it is written. */
interface WrittenRecord {
  readonly key: string | number
  readonly text: string
}

function recordOf(key: string | number, value: unknown): WrittenRecord {
  return { key, text: JSON.stringify(value) }
}

interface Replaced {
  /** Names of the columns, and the type of the first. */
  readonly columns: { readonly key: string; readonly type: string; readonly text: string }
  readonly records: readonly WrittenRecord[]
}

/**
 * Others may write the same records at this moment, beside whoever holds the lease: what is taken out
 * of the checksum is what is replaced, since it is locked before, whenever the statement began; a
 * record that somebody else adds meanwhile makes the whole statement fail, and it is tried again.
 */
function replace(statement: Statement, table: RecordTable, { columns, records }: Replaced): void {
  if (records.length === 0) return
  const { key, type, text } = columns
  const name = statement.table(table)
  const keys = statement.value(
    records.map((record) => record.key),
    `${type}[]`,
  )
  const texts = statement.value(
    records.map((record) => record.text),
    'text[]',
  )
  const sums = statement.value(addChecksums(statement, table, records), 'bigint[]')
  const given = `unnest(${keys}, ${texts}, ${sums}) AS given(key, text, checksum)`
  const former = statement.part(
    `SELECT ${key} AS key, checksum FROM ${name} WHERE ${key} = ANY(${keys}) AND EXISTS (SELECT 1 FROM held) FOR UPDATE`,
  )
  statement.alsoSum(`SELECT '${table}', -checksum FROM ${former}`, [table])
  statement.part(
    `UPDATE ${name} AS stored SET ${text} = given.text, checksum = given.checksum
     FROM ${former} AS former JOIN ${given} ON given.key = former.key WHERE stored.${key} = former.key`,
  )
  statement.part(
    `INSERT INTO ${name} (${key}, ${text}, checksum) SELECT given.* FROM held, ${given}
     WHERE NOT EXISTS (SELECT 1 FROM ${former} AS former WHERE former.key = given.key)`,
  )
}

/** Takes what stands under some keys so far out of the checksum of its place; the records stay. */
function takeOut(statement: Statement, table: RecordTable, { name, type, values }: Column): void {
  if (values.length === 0) return
  const keys = statement.value(values, `${type}[]`)
  statement.alsoSum(
    `SELECT '${table}', -checksum FROM ${statement.table(table)} WHERE ${name} = ANY(${keys})`,
    [table],
  )
}

/** Removes records; somebody else may be about to do the same, so what counts is what this one removed. */
function removeRecords(statement: Statement, table: RecordTable, column: Column): void {
  const gone = statement.remove(table, column, 'RETURNING checksum')
  if (gone !== null) statement.alsoSum(`SELECT '${table}', -checksum FROM ${gone}`, [table])
}

/** The column of checksums of records that are written, added to the checksum of their place. */
function checksums(
  statement: Statement,
  table: RecordTable,
  records: readonly WrittenRecord[],
): Column {
  const values = addChecksums(statement, table, records)
  return { name: 'checksum', type: 'bigint', values }
}

/** Checksums of records that are written, added to that of their place. */
function addChecksums(
  statement: Statement,
  table: RecordTable,
  records: readonly WrittenRecord[],
): readonly number[] {
  const values = records.map(({ key, text }) => recordChecksum(table, key, text))
  for (const checksum of values) statement.changes.add(table, checksum)
  return values
}
