/** Runs one SQL statement; that of a driver, since none is loaded here. */
export type RunSql = (sql: string, values?: unknown[]) => Promise<unknown>

/** When a row was loaded and what it is about. Times are ISO 8601. */
interface Loaded {
  readonly profile: string
  /** Default `2026-01-05T10:00:00Z`. */
  readonly loadedAt?: string
  /** Default: `loadedAt`. Null as in backfilled rows. */
  readonly timestamp?: string | null
}

/** A row of `user_traits`. */
export interface TraitRow extends Loaded {
  readonly name: string
  readonly value: string | null
}

/** A row of `user_identifiers`. */
export interface IdentifierRow extends Loaded {
  readonly type: string
  readonly value: string
}

/** Tables as Segment Profiles Sync makes them in PostgreSQL, filled by hand. */
export interface ProfilesSyncTables {
  addTraits(rows: readonly TraitRow[]): Promise<void>
  addIdentifiers(rows: readonly IdentifierRow[]): Promise<void>
  /**
   * Merges a profile into another as Segment does: its rows vanish and come back under the other.
   */
  merge(from: string, into: string, loadedAt: string): Promise<void>
}

const COLUMNS = 'seq text, received_at timestamptz, uuid_ts timestamptz, "timestamp" timestamptz'
const LOADED_AT = '2026-01-05T10:00:00Z'

/**
 * Create the tables of Profiles Sync in a schema of their own.
 *
 * @see https://www.twilio.com/docs/segment/unify/profiles-sync/tables/
 */
export async function createProfilesSyncTables(
  run: RunSql,
  schema = 'segment',
): Promise<ProfilesSyncTables> {
  const at = `"${schema.replaceAll('"', '""')}"`
  await run(`create schema ${at}`)
  await run(
    `create table ${at}.user_traits (canonical_segment_id text, name text, value text, ${COLUMNS}, primary key (canonical_segment_id, name))`,
  )
  await run(
    `create table ${at}.user_identifiers (canonical_segment_id text, type text, value text, ${COLUMNS})`,
  )
  await run(
    `create table ${at}.profile_merges (canonical_segment_id text, segment_id text, ${COLUMNS})`,
  )
  return {
    addTraits: (rows) =>
      insert(run, `${at}.user_traits (canonical_segment_id, name, value`, {
        rows,
        nameOf: (row) => row.name,
      }),
    addIdentifiers: (rows) =>
      insert(run, `${at}.user_identifiers (canonical_segment_id, type, value`, {
        rows,
        nameOf: (row) => row.type,
      }),
    async merge(from, into, loadedAt) {
      await run(`insert into ${at}.profile_merges values ($1, $2, $3, $4, $4, $4)`, [
        into,
        from,
        seqOf(loadedAt),
        loadedAt,
      ])
      const known = `exists (select from ${at}.user_traits t where t.canonical_segment_id = $2 and t.name = old.name)`
      await run(`delete from ${at}.user_traits old where canonical_segment_id = $1 and ${known}`, [
        from,
        into,
      ])
      for (const table of ['user_traits', 'user_identifiers']) {
        await run(
          `update ${at}.${table} set canonical_segment_id = $2, uuid_ts = $3 where canonical_segment_id = $1`,
          [from, into, loadedAt],
        )
      }
    },
  }
}

async function insert<Row extends Loaded & { readonly value: string | null }>(
  run: RunSql,
  target: string,
  { rows, nameOf }: { readonly rows: readonly Row[]; readonly nameOf: (row: Row) => string },
): Promise<void> {
  const columns = [
    rows.map(({ profile }) => profile),
    rows.map(nameOf),
    rows.map(({ value }) => value),
    rows.map(({ loadedAt = LOADED_AT }) => seqOf(loadedAt)),
    rows.map(({ loadedAt = LOADED_AT }) => loadedAt),
    rows.map(({ timestamp, loadedAt = LOADED_AT }) =>
      timestamp === undefined ? loadedAt : timestamp,
    ),
  ]
  const conflict = target.includes('user_traits')
    ? 'on conflict (canonical_segment_id, name) do update set (value, seq, received_at, uuid_ts, "timestamp") = (excluded.value, excluded.seq, excluded.received_at, excluded.uuid_ts, excluded."timestamp")'
    : ''
  await run(
    `insert into ${target}, seq, received_at, uuid_ts, "timestamp")
     select a, b, c, d, e, e, f from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[]) as rows (a, b, c, d, e, f)
     ${conflict}`,
    columns,
  )
}

/** Segment's `seq` grows with time and compares as text. */
function seqOf(time: string): string {
  return String(Date.parse(time)).padStart(19, '0')
}
