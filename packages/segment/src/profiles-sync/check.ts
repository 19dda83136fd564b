import type { SourceCondition } from '@engage-sync/contract'
import { SourceAuthError, SourceRequestError } from '../remote/index.ts'
import { openSnapshot } from './connection.ts'
import type { Snapshot } from './connection.ts'
import { GRANT, MATERIALISE, SERVICE } from './errors.ts'
import { quoteName } from './identifier.ts'
import { columnsQuery, filledQuery, READ_COLUMNS } from './query.ts'
import type { ColumnRow } from './query.ts'

/** Nothing here asks for more than the catalogue and one row, milliseconds. */
const TIMEOUT_MS = 20_000
const READING = { service: SERVICE, what: 'reading' }

/**
 * Looks whether the warehouse can be connected to, and has every table and column that is read.
 *
 * @throws {SourceError} `SOURCE_UNAVAILABLE`, `SOURCE_AUTH`, `SOURCE_REQUEST`, `SOURCE_SCHEMA`
 */
export async function checkWarehouse(
  { url, schema }: { url: string; schema: string },
  signal: AbortSignal,
): Promise<SourceCondition> {
  quoteName(schema)
  const snapshot = await openSnapshot({ url, statementTimeoutMs: TIMEOUT_MS }, signal)
  try {
    return await lookAt(snapshot, schema)
  } finally {
    await snapshot.close()
  }
}

async function lookAt(snapshot: Snapshot, schema: string): Promise<SourceCondition> {
  const columns = await snapshot.rows<ColumnRow>(columnsQuery(schema))
  const missing = lacking(columns)
  if (missing.length > 0)
    throw new SourceRequestError(READING, missing.join('; '), { hint: MATERIALISE })
  const closed = lacking(columns.filter(({ readable }) => readable))
  if (closed.length > 0)
    throw new SourceAuthError(READING, 'the role may not read all it needs', GRANT)
  const [found] = await snapshot.rows<{ filled: boolean }>(filledQuery(schema))
  if (found?.filled) return { message: 'The warehouse answers, all tables and columns are there' }
  return {
    message: 'The warehouse answers, and user_traits is empty',
    hint: 'Segment fills it within hours of the first sync; check that profiles_sync.schema is the one it writes to.',
  }
}

/** What is not among these columns, table by table. */
function lacking(columns: readonly ColumnRow[]): readonly string[] {
  return Object.entries(READ_COLUMNS).flatMap(([table, wanted]) => {
    const there = columns.filter((row) => row.table === table).map(({ column }) => column)
    if (there.length === 0) return [`there is no table ${table}`]
    const missing = wanted.filter((column) => !there.includes(column))
    return missing.length === 0 ? [] : [`${table} lacks ${missing.join(', ')}`]
  })
}
