import { parseSource } from '@engage-sync/contract'
import { quoteName } from './identifier.ts'

/** Which part of the tables one read covers. Times are ISO 8601 in microseconds. */
export interface Window {
  /** Rows loaded after this; null for all. */
  readonly since: string | null
  /** Rows loaded up to this; null when the tables are empty. */
  readonly upTo: string | null
  /** Profiles behind this `canonical_segment_id`; null from the first. */
  readonly after: string | null
}

/**
 * One profile as the query gives it: lists as JSON texts, since a driver that reads them loses
 * digits.
 */
export interface ProfileRow {
  readonly id: string
  readonly identifiers: string
  readonly traits: string
}

/** One profile, read. */
export interface Profile {
  /** Oldest first within a type. */
  readonly identifiers: readonly { readonly type: string; readonly id: string }[]
  /** `value` is the column as text, or JSON with all its digits where the column is JSON. */
  readonly traits: readonly {
    readonly name: string
    readonly value: unknown
    readonly at: string | null
  }[]
}

/** SQL and its parameters. */
export interface Query {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Microseconds, in the UTC the session is set to. */
const ISO = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`

/** Tables and columns that are read. */
export const READ_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  user_traits: ['canonical_segment_id', 'name', 'value', 'timestamp', 'received_at', 'uuid_ts'],
  user_identifiers: ['canonical_segment_id', 'type', 'value', 'seq', 'uuid_ts'],
  profile_merges: ['canonical_segment_id', 'uuid_ts'],
}

/** A column of one of these tables, as `columnsQuery` gives it. */
export interface ColumnRow {
  readonly table: string
  readonly column: string
  /** Whether the role may read it. */
  readonly readable: boolean
}

/**
 * Which columns the tables have, as `ColumnRow`s: no row for a table that is not there, or whose
 * schema is not.
 */
export function columnsQuery(schema: string): Query {
  const text = `
    select class.relname::text as table, attname::text as column,
      has_schema_privilege(class.relnamespace, 'usage') and has_column_privilege(class.oid, attnum, 'select') as readable
    from pg_namespace
      join pg_class class on class.relnamespace = pg_namespace.oid
      join pg_attribute on attrelid = class.oid
    where nspname = $1 and class.relname = any($2) and attnum > 0 and not attisdropped`
  return { text, values: [schema, Object.keys(READ_COLUMNS)] }
}

/** Whether there is anything to read, as `filled`. */
export function filledQuery(schema: string): Query {
  return {
    text: `select exists (select from ${quoteName(schema)}.user_traits) as filled`,
    values: [],
  }
}

/** When the newest row of the three tables was loaded, as `up_to`; null when they are empty. */
export function newestQuery(schema: string): Query {
  const at = quoteName(schema)
  const newest = ['user_traits', 'user_identifiers', 'profile_merges'].map(
    (table) => `select max(uuid_ts) as at from ${at}.${table}`,
  )
  return {
    text: `select to_char(max(at), ${ISO}) as up_to from (${newest.join(' union all ')}) newest`,
    values: [],
  }
}

/**
 * Profiles of a window, each with its identifiers and traits, in the order of their ids.
 *
 * Shape: rows as `ProfileRow`. A profile is in the window when a trait, an identifier or a merge of
 * it was loaded in it; a new identifier or merge brings all its traits. Ids are compared bytewise,
 * so that the order is that of JavaScript too.
 *
 * @param names - wanted traits; null for all
 */
export function profilesQuery(
  schema: string,
  names: readonly string[] | null,
  window: Window,
): Query {
  const at = quoteName(schema)
  const loaded = `($1::text is null or uuid_ts > $1::timestamptz) and (uuid_ts is null or $2::text is null or uuid_ts <= $2::timestamptz)`
  const behind = `($3::text is null or canonical_segment_id collate "C" > $3)`
  // Qualified: a table without the column would else mean that of the traits, and everybody.
  const touched = ['user_identifiers', 'profile_merges'].map(
    (table) => `select ${table}.canonical_segment_id from ${at}.${table} where ${loaded}`,
  )
  // Reading everything needs no list of who changed; the planner would build it all the same.
  const isNew =
    window.since === null
      ? loaded
      : `(${loaded} or canonical_segment_id in (${touched.join(' union ')}))`
  const text = `
    with traits as (
      select canonical_segment_id as id, json_agg(json_build_object('name', name, 'value', value,
        'at', to_char(coalesce("timestamp", received_at, uuid_ts), ${ISO})) order by name collate "C") as traits
      from ${at}.user_traits
      where ${behind} and ($4::text[] is null or name = any($4)) and ${isNew}
      group by canonical_segment_id
    ), identifiers as (
      select canonical_segment_id as id, json_agg(json_build_object('type', type, 'id', value) order by seq, type, value) as identifiers,
        bool_or(${loaded}) as is_new
      from ${at}.user_identifiers
      where ${behind}
      group by canonical_segment_id
    )
    select id, coalesce(identifiers, '[]')::text as identifiers, coalesce(traits, '[]')::text as traits
    from traits full join identifiers using (id)
    where traits is not null or is_new
    order by id collate "C"`
  return { text, values: [window.since, window.upTo, window.after, names] }
}

/** A row's profile. */
export function readProfile({ identifiers, traits }: ProfileRow): Profile {
  return {
    identifiers: parseSource(identifiers) as unknown as Profile['identifiers'],
    traits: parseSource(traits) as unknown as Profile['traits'],
  }
}
