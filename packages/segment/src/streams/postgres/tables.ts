import { errorCode } from '../../source/index.ts'
import type { LogConnection } from './connection.ts'
import type { Tables } from './place.ts'

/**
 * A front gives its batches dense numbers by the row it has here: whoever takes the next number
 * waits for the commit of the one before, so that no reader passes a batch that comes later.
 * Records and bytes are added up over all batches. Rows do not compress, so PostgreSQL need not try;
 * of what names users it gathers no statistics, which would outlive it.
 */
const create = ({ records, fronts }: Tables): readonly string[] => [
  `CREATE TABLE IF NOT EXISTS ${fronts} (
     source text NOT NULL, front int NOT NULL, id bigint NOT NULL DEFAULT (random() * 4e15)::bigint,
     batch bigint NOT NULL, records bigint NOT NULL, bytes bigint NOT NULL,
     trimmed bigint NOT NULL DEFAULT 0, PRIMARY KEY (source, front)
   ) WITH (fillfactor = 20)`,
  `CREATE TABLE IF NOT EXISTS ${records} (
     source text NOT NULL, front int NOT NULL, batch bigint NOT NULL, at timestamptz NOT NULL,
     records_to bigint NOT NULL, bytes_to bigint NOT NULL, lines bytea NOT NULL,
     PRIMARY KEY (source, front, batch, at)
   ) PARTITION BY RANGE (at)`,
]

/** Somebody else made it at the same moment. */
const MADE = new Set(['42P07', '42P06', '23505', '42P17'])
/** Today and tomorrow: a batch at midnight finds its day made. */
const DAYS = 2

/** Makes the schema, the tables and the days that are needed next, where they are not there. */
export async function prepareLog(connection: LogConnection, tables: Tables): Promise<void> {
  const name = tables.schema.slice(1, -1).replaceAll('""', '"')
  const [schema] = await connection.rows('SELECT 1 FROM pg_namespace WHERE nspname = $1', [name])
  if (schema === undefined) await made(connection, `CREATE SCHEMA IF NOT EXISTS ${tables.schema}`)
  for (const statement of create(tables)) await made(connection, statement)
  const days = await connection.rows<{ from: string; to: string }>(
    `SELECT to_char(day, 'YYYY-MM-DD') AS from, to_char(day + interval '1 day', 'YYYY-MM-DD') AS to
     FROM generate_series(0, ${DAYS - 1}) n, LATERAL (SELECT (now() AT TIME ZONE 'UTC')::date + n AS day) d`,
  )
  for (const { from, to } of days) {
    const day = `${tables.schema}."${dayName(from)}"`
    await made(
      connection,
      `CREATE TABLE IF NOT EXISTS ${day} PARTITION OF ${tables.records} FOR VALUES FROM ('${from} 00:00+00') TO ('${to} 00:00+00')`,
    )
    await made(
      connection,
      `ALTER TABLE ${day} ALTER COLUMN lines SET STORAGE EXTERNAL, ALTER COLUMN lines SET STATISTICS 0`,
    )
  }
}

/** Name of the partition of a day. @param day - such as `2026-03-01` */
export function dayName(day: string): string {
  return `day_${day.replaceAll('-', '_')}`
}

async function made(connection: LogConnection, statement: string): Promise<void> {
  try {
    await connection.rows(statement)
  } catch (error) {
    if (!MADE.has(errorCode(error))) throw error
  }
}
