import { killPoint } from '../engine/kill-points.ts'
import { DEFAULT_PATIENCE, PostgresConnection } from './postgres-connection.ts'
import type { Notice } from './postgres-connection.ts'
import type { PostgresPlace } from './postgres-url.ts'

/** Tables that name users. */
const TABLES = ['snapshots', 'deltas', 'marks', 'dead_letters']

/** Rewriting the tables of ten million users takes a while. */
const TIMEOUT_MS = 3_600_000

/**
 * Rewrites the tables that name users, over a connection of its own: it may take minutes, and the lease must be
 * renewed meanwhile.
 *
 * Shape: false when deleted rows had to be copied, since a transaction that is older than their deletion may read them.
 *
 * @param schema - quoted, as it stands in statements
 */
export async function purgePostgres(place: PostgresPlace, schema: string): Promise<boolean> {
  let copied = 0
  const connection = new PostgresConnection(place, { ...DEFAULT_PATIENCE, statementTimeoutMs: TIMEOUT_MS }, (notice) => {
    copied += deadRowsIn(notice)
  })
  try {
    for (const table of TABLES) {
      await connection.repeatable({ text: `VACUUM (FULL, VERBOSE) ${schema}.${table}` })
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
