import { killPoint } from '../../process/kill-points.ts'
import { DEFAULT_PATIENCE, PostgresConnection } from './connection/index.ts'
import type { Notice, PostgresPlace } from './connection/index.ts'

/**
 * What names users: a column of each table. A change of its type drops what was gathered of it, and
 * its storage.
 */
const TABLES = [
  { name: 'snapshots', column: 'bytes', type: 'bytea', storage: 'EXTERNAL' },
  { name: 'pieces', column: 'bytes', type: 'bytea', storage: 'EXTERNAL' },
  { name: 'deltas', column: 'bytes', type: 'bytea', storage: 'EXTERNAL' },
  { name: 'marks', column: 'intent', type: 'text', storage: 'EXTENDED' },
  { name: 'dead_letters', column: 'record', type: 'text', storage: 'EXTENDED' },
]

/** Rewriting the tables of ten million users takes a while. */
const TIMEOUT_MS = 3_600_000

/**
 * Rewrites the tables that name users, over a connection of its own: it may take minutes, and the
 * lease must be renewed meanwhile. Drops the statistics of states that were made while PostgreSQL
 * gathered them.
 *
 * Shape: false when deleted rows had to be copied, since a transaction that is older than their
 * deletion may read them.
 *
 * @param schema - quoted, as it stands in statements
 */
export async function purgePostgres(place: PostgresPlace, schema: string): Promise<boolean> {
  let copied = 0
  const connection = new PostgresConnection(
    place,
    { ...DEFAULT_PATIENCE, statementTimeoutMs: TIMEOUT_MS },
    (notice) => {
      copied += deadRowsIn(notice)
    },
  )
  try {
    for (const { name, column, type, storage } of TABLES) {
      const of = `ALTER COLUMN ${column}`
      await connection.repeatable({
        text: `ALTER TABLE ${schema}.${name} ${of} TYPE ${type}, ${of} SET STORAGE ${storage}, ${of} SET STATISTICS 0`,
      })
      await connection.repeatable({ text: `VACUUM (FULL, VERBOSE) ${schema}.${name}` })
      killPoint('in-purge')
    }
  } finally {
    await connection.close()
  }
  return copied === 0
}

/** What is no warning, but what was asked for by `VERBOSE`. */
const SUCCESS = '00000'

/** Its detail says `3 dead row versions cannot be removed yet.`, in the language of the server. */
function deadRowsIn({ code, detail = '' }: Notice): number {
  return code === SUCCESS ? Number(/\d+/.exec(detail)?.[0] ?? 0) : 0
}
