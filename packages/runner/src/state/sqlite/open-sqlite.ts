import { mkdirSync, statSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { dirname, isAbsolute } from 'node:path'
import type { StateInfo, StateStore } from '@engage-sync/core'
import { notInitialised, unreadable } from '../format/errors.ts'
import {
  checkInfo,
  infoChecksum,
  infoPairs,
  isForeign,
  readInfo,
  unusedQuery,
} from '../format/identity.ts'
import type { StateExpectation } from '../format/identity.ts'
import { OWNED_FORMAT, stepsTo } from '../format/migrations.ts'
import type { StateSchema } from '../format/migrations.ts'
import { SqliteConnection } from './connection.ts'
import { guarded } from './errors.ts'
import { SqliteLease } from './lease.ts'
import { SQLITE_SCHEMA } from './schema.ts'
import { SqliteStore } from './store.ts'

/** How to open a state in a file. */
export interface SqliteOptions extends StateExpectation {
  /** Absolute path of the database file: SQLite takes `:memory:` and an empty one for no file. */
  readonly path: string
  /** Milliseconds since the epoch; the lease lives by it. */
  readonly now: () => number
}

/**
 * Opens a state kept in one SQLite file, made where it is missing and may be; a state of an older
 * format is brought up to the current one first, unless it is only read.
 *
 * Files are readable by their owner only, as is the directory when it is made here.
 *
 * @param schema - the format to open it in
 * @throws {StateError} see `StateStore`
 * @throws {RangeError} the path is not absolute
 */
export function openSqlite(
  options: SqliteOptions,
  schema: SqliteSchema = SQLITE_SCHEMA,
): StateStore {
  if (!isAbsolute(options.path)) throw new RangeError(`not an absolute path: ${options.path}`)
  return guarded(options.path, () => {
    const { size } = statSync(options.path, { throwIfNoEntry: false }) ?? {}
    if (!options.create && size === undefined) throw notInitialised(options.path)
    const connection = connect(options, (size ?? 0) === 0)
    try {
      return new SqliteStore(connection, openInfo(connection, options, schema), options)
    } catch (error) {
      connection.close()
      throw error
    }
  })
}

type SqliteSchema = StateSchema<SqliteConnection>

function connect({ path, access, create }: SqliteOptions, isEmpty: boolean): SqliteConnection {
  if (access === 'read' && !(create && isEmpty)) return SqliteConnection.toRead(path)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return SqliteConnection.toWrite(path)
}

function openInfo(
  connection: SqliteConnection,
  options: SqliteOptions,
  schema: SqliteSchema,
): StateInfo {
  const tables = tablesOf(connection)
  if (tables.size === 0) {
    if (!options.create) throw notInitialised(options.path)
    return initialise(connection, options, schema)
  }
  if (!tables.has('info')) throw unreadable('its file is a database of something else')
  const info = infoOf(connection, schema)
  checkFound(connection, info, { options, schema })
  if ((options.access ?? 'write') !== 'write') return info
  if (info.workspace !== options.workspace || info.format < schema.format)
    bringUp(connection, options, schema)
  return infoOf(connection, schema)
}

function checkFound(
  connection: SqliteConnection,
  info: StateInfo,
  { options, schema }: { readonly options: SqliteOptions; readonly schema: SqliteSchema },
): void {
  const isUnused =
    isForeign(info, options, schema.format) &&
    connection.one(unusedQuery((name) => name))?.['unused'] === 1
  checkInfo({ info, isUnused }, options, schema.format)
}

function tablesOf(connection: SqliteConnection): ReadonlySet<string> {
  const rows = connection.all("SELECT name FROM sqlite_schema WHERE type = 'table'")
  return new Set(rows.map(({ name }) => String(name)))
}

function infoOf(connection: SqliteConnection, schema: SqliteSchema): StateInfo {
  const rows = connection.all('SELECT key, value FROM info')
  const pairs = rows.map(({ key, value }) => [String(key), String(value)] as const)
  const isChecked = tablesOf(connection).has('checksums')
  const row = isChecked
    ? connection.one("SELECT checksum FROM checksums WHERE place = 'info'")
    : undefined
  return readInfo(
    { pairs, checksum: row === undefined ? undefined : Number(row['checksum']) },
    schema.format,
  )
}

/** The caller holds the transaction. */
function writeInfo(connection: SqliteConnection, info: StateInfo): void {
  const pairs = infoPairs(info)
  for (const [key, value] of pairs)
    connection.run('INSERT OR REPLACE INTO info VALUES (?, ?)', key, value)
  connection.run("UPDATE checksums SET checksum = ? WHERE place = 'info'", infoChecksum(pairs))
}

/** Two processes may start at once: the second finds the tables of the first. */
function initialise(
  connection: SqliteConnection,
  options: SqliteOptions,
  schema: SqliteSchema,
): StateInfo {
  const { environment, workspace, now } = options
  const createdAt = new Date(now()).toISOString()
  connection.transaction(() => {
    if (tablesOf(connection).has('info')) return
    connection.exec(schema.create)
    writeInfo(connection, {
      format: schema.format,
      id: randomUUID(),
      environment,
      workspace,
      createdAt,
    })
  })
  const info = infoOf(connection, schema)
  checkFound(connection, info, { options, schema })
  return info
}

/** Brings an older format up by its steps, all of them or none, and takes the key the state goes with from now on. */
function bringUp(connection: SqliteConnection, options: SqliteOptions, schema: SqliteSchema): void {
  // Records that grow leave what they were behind.
  const changing = (work: () => void) => connection.overwriting(() => connection.transaction(work))
  changing(() => {
    const info = infoOf(connection, schema)
    if (info.format < schema.format)
      new SqliteLease(connection, options.now, info.format >= OWNED_FORMAT).refuseAnyone()
    for (const { bring } of stepsTo(schema, info.format)) void bring(connection)
    writeInfo(connection, { ...info, format: schema.format, workspace: options.workspace })
  })
}
