import type { CommitGroup } from '@engage-sync/core'
import { checksumOf } from '../format/checksum.ts'
import type { Query } from './connection.ts'
import { settleGroup } from '../format/settle-group.ts'
import type { SettledGroup } from '../format/settle-group.ts'
import { letterText } from '../format/stored-json.ts'

/** What a write is recognised by afterwards, and what it is void without. */
export interface WriteTicket {
  /** Unique; found in the lease once the write is durable. */
  readonly id: string
  readonly epoch: number
  /**
   * Grows whenever an unanswered write is looked for, so that it can no longer happen after that.
   */
  readonly fence: number
}

/**
 * A statement in the making: its values, and its parts, each of which writes only under the lease.
 */
class Statement {
  readonly values: unknown[] = []
  readonly parts: string[] = []

  /** Adds a value; gives what stands for it in the text. */
  value(value: unknown, type: string): string {
    this.values.push(value)
    return `$${this.values.length}::${type}`
  }

  /**
   * Adds `INSERT INTO table … SELECT columns FROM lease, rows`, the rows given by column. Nothing
   * is added for none.
   */
  insert(table: string, columns: readonly Column[], rest = ''): void {
    if (columns[0]?.values.length === 0) return
    const given = columns.filter(({ from }) => from === undefined)
    const lists = given.map(({ values, type }) => this.value(values, `${type}[]`))
    const names = given.map(({ name }) => name)
    const kept = columns.filter(({ isHelper }) => isHelper !== true)
    this.parts.push(
      `INSERT INTO ${table} (${kept.map(({ name }) => name).join(', ')})
       SELECT ${kept.map(({ name, from }) => from ?? `given.${name}`).join(', ')}
       FROM held, unnest(${lists.join(', ')}) WITH ORDINALITY AS given(${names.join(', ')}, place) ORDER BY given.place ${rest}`,
    )
  }

  /** Adds a deletion of the rows whose column has one of these values. */
  remove(table: string, column: Column): void {
    if (column.values.length === 0) return
    this.parts.push(
      `DELETE FROM ${table} USING held WHERE ${table}.${column.name} = ANY(${this.value(column.values, `${column.type}[]`)})`,
    )
  }
}

interface Column {
  readonly name: string
  readonly type: string
  readonly values: readonly unknown[]
  /** An expression over the other columns, in place of the values. */
  readonly from?: string
  /** Only other columns' expressions use it. */
  readonly isHelper?: boolean
}

/**
 * One statement that writes a whole group, or nothing: one round trip, and atomic by itself.
 *
 * Every part reads from the update of the lease, so under another epoch or fence no part writes
 * anything. Shape: gives one row, `held`: 1 when it was written, 0 when the lease was not as the
 * ticket says.
 */
export function commitQuery(schema: string, ticket: WriteTicket, group: CommitGroup): Query {
  const settled = settleGroup(group)
  const statement = new Statement()
  const held = heldPart(statement, schema, ticket)
  const table = (name: string) => `${schema}.${name}`
  addRows(statement, table, settled)
  addMarks(statement, table, settled)
  addDeadLetters(statement, table, settled)
  addRecords(statement, table, settled)
  const parts = statement.parts.map((part, index) => `part_${index} AS (${part})`)
  return {
    text: `WITH ${[held, ...parts].join(',\n')}\nSELECT count(*)::int AS held FROM held`,
    values: statement.values,
  }
}

type Table = (name: string) => string

function heldPart(statement: Statement, schema: string, { id, epoch, fence }: WriteTicket): string {
  const conditions = `id = 1 AND epoch = ${statement.value(epoch, 'bigint')} AND fence = ${statement.value(fence, 'bigint')}`
  return `held AS (UPDATE ${schema}.lease SET last_write = ${statement.value(id, 'text')} WHERE ${conditions} RETURNING id)`
}

function addRows(statement: Statement, table: Table, { snapshots, deltas }: SettledGroup): void {
  // PostgreSQL lets a deletion see what stood there when the statement began, so never the deltas
  // of this group.
  statement.remove(table('deltas'), {
    name: 'partition',
    type: 'int',
    values: snapshots.map(({ partition }) => partition),
  })
  insertBytes(
    statement,
    table('snapshots'),
    snapshots,
    'ON CONFLICT (partition) DO UPDATE SET checksum = excluded.checksum, bytes = excluded.bytes',
  )
  insertBytes(statement, table('deltas'), deltas, '')
}

/**
 * All bytes travel as one value, which PostgreSQL cuts: one binary value costs half of what an
 * array in text would.
 */
function insertBytes(
  statement: Statement,
  table: string,
  rows: SettledGroup['deltas'],
  rest: string,
): void {
  if (rows.length === 0) return
  const all = statement.value(Buffer.concat(rows.map(({ bytes }) => bytes)), 'bytea')
  let end = 1
  const starts = rows.map(({ bytes }) => (end += bytes.length) - bytes.length)
  statement.insert(
    table,
    [
      { name: 'partition', type: 'int', values: rows.map(({ partition }) => partition) },
      { name: 'checksum', type: 'bigint', values: rows.map(({ bytes }) => checksumOf(bytes)) },
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

function addMarks(
  statement: Statement,
  table: Table,
  { openMarks, closeMarks }: SettledGroup,
): void {
  statement.insert(
    table('marks'),
    [
      { name: 'id', type: 'text', values: openMarks.map(({ id }) => id) },
      { name: 'run', type: 'bigint', values: openMarks.map(({ run }) => run) },
      {
        name: 'intent',
        type: 'text',
        values: openMarks.map(({ intent }) => JSON.stringify(intent)),
      },
    ],
    'ON CONFLICT (id) DO UPDATE SET run = excluded.run, intent = excluded.intent',
  )
  statement.remove(table('marks'), { name: 'id', type: 'text', values: closeMarks })
}

function addDeadLetters(
  statement: Statement,
  table: Table,
  { deadLetters, removeDeadLetters }: SettledGroup,
): void {
  const sequence = `pg_get_serial_sequence('${table('dead_letters')}', 'id')`
  statement.insert(table('dead_letters'), [
    {
      name: 'own',
      type: 'bigint',
      values: deadLetters.map(({ id }) => id ?? null),
      isHelper: true,
    },
    { name: 'id', type: 'bigint', values: [], from: numberOf(sequence) },
    { name: 'run', type: 'bigint', values: deadLetters.map(({ run }) => run) },
    { name: 'sync', type: 'text', values: deadLetters.map(({ sync }) => sync) },
    { name: 'code', type: 'text', values: deadLetters.map(({ code }) => code) },
    {
      name: 'expires_at',
      type: 'bigint',
      values: deadLetters.map(({ expiresAt }) => Date.parse(expiresAt)),
    },
    { name: 'record', type: 'text', values: deadLetters.map(letterText) },
  ])
  statement.remove(table('dead_letters'), { name: 'id', type: 'bigint', values: removeDeadLetters })
}

/** The next number, or the letter's own, which later ones then stay above. */
function numberOf(sequence: string): string {
  return `CASE WHEN given.own IS NULL THEN nextval(${sequence})
    ELSE given.own + 0 * setval(${sequence}, greatest(given.own, nextval(${sequence}) - 1)) END`
}

function addRecords(
  statement: Statement,
  table: Table,
  { positions, mappings, values, run }: SettledGroup,
): void {
  const upsert = (name: string, key: Column, value: Column) =>
    statement.insert(
      table(name),
      [key, value],
      `ON CONFLICT (${key.name}) DO UPDATE SET ${value.name} = excluded.${value.name}`,
    )
  upsert(
    'positions',
    { name: 'source', type: 'text', values: positions.map(({ source }) => source) },
    {
      name: 'position',
      type: 'text',
      values: positions.map(({ position }) => JSON.stringify(position)),
    },
  )
  upsert(
    'mappings',
    { name: 'id', type: 'text', values: mappings.map(({ id }) => id) },
    { name: 'record', type: 'text', values: mappings.map((record) => JSON.stringify(record)) },
  )
  const kept = values.filter(({ value }) => value !== null)
  upsert(
    '"values"',
    { name: 'key', type: 'text', values: kept.map(({ key }) => key) },
    { name: 'value', type: 'text', values: kept.map(({ value }) => JSON.stringify(value)) },
  )
  const gone = values.filter(({ value }) => value === null)
  statement.remove(table('"values"'), {
    name: 'key',
    type: 'text',
    values: gone.map(({ key }) => key),
  })
  const runs = run === undefined ? [] : [run]
  upsert(
    'runs',
    { name: 'number', type: 'bigint', values: runs.map(({ number }) => number) },
    { name: 'record', type: 'text', values: runs.map((record) => JSON.stringify(record)) },
  )
}
