import type { StreamStanding } from '@engage-sync/contract'
import { LogConnection } from './connection.ts'
import { postgresError } from './errors.ts'
import type { FrontPosition, FrontPositions } from './position.ts'
import { frontsOf, MADE_ANEW } from './read.ts'
import type { PostgresLog } from './read.ts'
import { lagOf } from './upkeep.ts'

/** How positions stand to what the tables hold: they remove nothing unread, unless somebody else does. */
export async function postgresStanding(
  log: PostgresLog,
  positions: FrontPositions,
): Promise<StreamStanding> {
  const { records, oldestMs } = await lagOf(log, positions)
  const connection = new LogConnection(log.options.url)
  try {
    const gone = await goneOf(log, connection, positions)
    return { gone, messages: records ?? 0, oldestMs, limits: [] }
  } finally {
    await connection.close()
  }
}

async function goneOf(
  log: PostgresLog,
  connection: LogConnection,
  positions: FrontPositions,
): Promise<string | null> {
  const heads = await frontsOf(log, connection)
  for (const [front, known] of positions) {
    const head = heads.get(front)
    if (head?.id !== known.id) return MADE_ANEW
    const missing = known.batch < head.batch && (await isCut(log, connection, { front, known }))
    if (missing) return 'The tables of the log lack records that were not read yet.'
  }
  return null
}

interface Known {
  readonly front: number
  readonly known: FrontPosition
}

async function isCut(
  { options, tables }: PostgresLog,
  connection: LogConnection,
  { front, known }: Known,
): Promise<boolean> {
  try {
    const rows = await connection.rows(
      `SELECT 1 FROM ${tables.records} WHERE source = $1 AND front = $2 AND batch = $3`,
      [options.source, front, known.batch + 1],
    )
    return rows.length === 0
  } catch (error) {
    throw postgresError(error, 'its records')
  }
}
