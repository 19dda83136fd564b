import type { LogLag } from '@engage-sync/contract'
import { blankLines, namesAnyOf } from '../../source/index.ts'
import { LogConnection } from './connection.ts'
import { isMissing, postgresError } from './errors.ts'
import type { FrontPositions } from './position.ts'
import { frontsOf } from './read.ts'
import type { PostgresLog } from './read.ts'
import { dayName } from './tables.ts'

/** Rewriting a day may take minutes. */
const UPKEEP_MS = 3_600_000

/** Works over a connection of its own. @param nothing - where the log was not made yet */
async function through<Result>(
  { options }: PostgresLog,
  { what, nothing }: { readonly what: string; readonly nothing: Result },
  work: (connection: LogConnection) => Promise<Result>,
): Promise<Result> {
  const connection = new LogConnection(options.url, UPKEEP_MS)
  try {
    return await work(connection)
  } catch (error) {
    if (isMissing(error)) return nothing
    throw postgresError(error, what)
  } finally {
    await connection.close()
  }
}

/** What stands behind positions, added up by the fronts themselves. */
export function lagOf(log: PostgresLog, positions: FrontPositions): Promise<LogLag> {
  const nothing = { records: 0, bytes: 0, oldestMs: 0 }
  return through(log, { what: 'its lag', nothing }, async (connection) => {
    let records = 0
    let bytes = 0
    const behind: { readonly front: number; readonly batch: number }[] = []
    for (const [front, head] of await frontsOf(log, connection)) {
      const known = positions.get(front)
      const at = known?.id === head.id ? known : { batch: 0, records: 0, bytes: 0 }
      if (at.batch >= head.batch) continue
      records += head.records - at.records
      bytes += head.bytes - at.bytes
      behind.push({ front, batch: at.batch + 1 })
    }
    if (behind.length === 0) return nothing
    const [oldest] = await connection.rows<{ ms: number | null }>(
      `SELECT (extract(epoch FROM clock_timestamp() - min(at)) * 1000)::float8 AS ms
       FROM ${log.tables.records} r JOIN unnest($2::int[], $3::bigint[]) b (front, batch)
         ON r.front = b.front AND r.batch = b.batch WHERE r.source = $1`,
      [log.options.source, behind.map(({ front }) => front), behind.map(({ batch }) => batch)],
    )
    return { records, bytes, oldestMs: Math.max(0, Math.floor(oldest?.ms ?? 0)) }
  })
}

/**
 * Notes what nobody needs any more, and drops the days that hold nothing else and are older than
 * the retention: their bytes are given back at once.
 */
export function trimLog(
  log: PostgresLog,
  positions: FrontPositions,
  retentionMs: number,
): Promise<void> {
  return through(log, { what: 'trimming', nothing: undefined }, async (connection) => {
    const { fronts, records, schema } = log.tables
    const read = [...positions]
    await connection.rows(
      `UPDATE ${fronts} f SET trimmed = p.batch
       FROM unnest($2::int[], $3::bigint[], $4::bigint[]) p (front, id, batch)
       WHERE f.source = $1 AND f.front = p.front AND f.id = p.id AND f.trimmed < p.batch`,
      [
        log.options.source,
        read.map(([front]) => front),
        read.map(([, { id }]) => id),
        read.map(([, { batch }]) => batch),
      ],
    )
    const days = await connection.rows<{ name: string; day: string }>(
      `SELECT c.relname AS name, substr(c.relname, 5) AS day FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = $1::regclass AND c.relname < $2 ORDER BY c.relname`,
      [records, dayName(await lastDay(connection, retentionMs))],
    )
    for (const { name } of days) {
      const [needed] = await connection.rows(
        `SELECT 1 FROM ${schema}."${name}" r JOIN ${fronts} f USING (source, front) WHERE r.batch > f.trimmed LIMIT 1`,
      )
      if (needed === undefined) await connection.rows(`DROP TABLE IF EXISTS ${schema}."${name}"`)
    }
  })
}

/** The first day that stays: today's always does. */
async function lastDay(connection: LogConnection, retentionMs: number): Promise<string> {
  const [row] = await connection.rows<{ day: string }>(
    `SELECT to_char((now() - $1 * interval '1 millisecond') AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day`,
    [Math.max(0, retentionMs)],
  )
  return row?.day ?? ''
}

/** Batches that are looked through at once. */
const PAGE = 64

/**
 * Blanks the lines that name somebody, and rewrites the days they stood in, so that no former
 * version stays in their files; nothing can be appended to a day meanwhile. Of all sources that
 * share the tables: one that nobody has any more is still in them.
 */
export function eraseFromLog(log: PostgresLog, ids: readonly string[]): Promise<number> {
  return through(log, { what: 'erasing', nothing: 0 }, async (connection) => {
    const named = namesAnyOf(ids)
    const touched = new Set<string>()
    let erased = 0
    const fronts = await connection.rows<{ source: string; front: number }>(
      `SELECT source, front FROM ${log.tables.fronts} ORDER BY source, front`,
    )
    for (const { source, front } of fronts) {
      let after = 0
      for (;;) {
        const rows = await connection.rows<{ batch: number; day: string; lines: Buffer }>(
          `SELECT batch::float8 AS batch, tableoid::regclass::text AS day, lines FROM ${log.tables.records}
           WHERE source = $1 AND front = $2 AND batch > $3 ORDER BY batch LIMIT ${PAGE}`,
          [source, front, after],
        )
        if (rows.length === 0) break
        for (const { batch, day, lines } of rows) {
          after = batch
          const blank = blankLines(lines, (line) => named(line))
          if (blank.length === 0) continue
          erased += blank.length
          touched.add(day)
          await connection.rows(
            `UPDATE ${log.tables.records} SET lines = $4 WHERE source = $1 AND front = $2 AND batch = $3`,
            [source, front, batch, lines],
          )
        }
      }
    }
    for (const day of touched) await connection.rows(`VACUUM FULL ${day}`)
    return erased
  })
}
