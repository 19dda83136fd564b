import { existsSync, mkdirSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import type { StateInfo, StateStore } from '@engage-sync/core'
import { leaseHeld, notInitialised, unreadable } from '../format/errors.ts'
import { checkInfo, infoFrom, infoPairs } from '../format/identity.ts'
import type { StateExpectation } from '../format/identity.ts'
import { stepsTo } from '../format/migrations.ts'
import type { StateSchema } from '../format/migrations.ts'
import { SqliteConnection } from './connection.ts'
import { guarded } from './errors.ts'
import { SQLITE_SCHEMA } from './schema.ts'
import { SqliteStore } from './store.ts'

/** How to open a state in a file. */
export interface SqliteOptions extends StateExpectation {
  /** Absolute path of the database file. */
  readonly path: string
  /** Milliseconds since the epoch; the lease lives by it. */
  readonly now: () => number
}

/**
 * Opens a state kept in one SQLite file; a state of an older format is brought up to the current
 * one first.
 *
 * Files are readable by their owner only, as is the directory when it is made here.
 *
 * @param schema - the format to open it in
 * @throws {StateError} see `StateStore`
 */
export function openSqlite(
  options: SqliteOptions,
  schema: StateSchema = SQLITE_SCHEMA,
): StateStore {
  if (!options.create && !existsSync(options.path)) throw notInitialised(options.path)
  return guarded(() => {
    mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 })
    const connection = new SqliteConnection(options.path)
    try {
      return new SqliteStore(connection, openInfo(connection, options, schema), options.now)
    } catch (error) {
      connection.close()
      throw error
    }
  })
}

function openInfo(
  connection: SqliteConnection,
  options: SqliteOptions,
  schema: StateSchema,
): StateInfo {
  const tables = connection
    .all("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .map(({ name }) => String(name))
  if (tables.length === 0) {
    if (!options.create) throw notInitialised(options.path)
    return initialise(connection, options, schema)
  }
  if (!tables.includes('info')) throw unreadable('its file is a database of something else')
  const info = readInfo(connection)
  checkInfo(info, options, schema.format)
  if (info.workspace !== options.workspace)
    connection.run("UPDATE info SET value = ? WHERE key = 'workspace'", options.workspace)
  if (info.format < schema.format) migrate(connection, options, schema)
  return readInfo(connection)
}

function readInfo(connection: SqliteConnection): StateInfo {
  return infoFrom(
    connection
      .all('SELECT key, value FROM info')
      .map(({ key, value }) => [String(key), String(value)]),
  )
}

/** Two processes may start at once: the second finds the tables of the first. */
function initialise(
  connection: SqliteConnection,
  options: SqliteOptions,
  schema: StateSchema,
): StateInfo {
  const { environment, workspace, now } = options
  connection.transaction(() => {
    if (connection.one("SELECT 1 FROM sqlite_schema WHERE name = 'info'") !== undefined) return
    connection.exec(schema.create)
    const info = {
      format: schema.format,
      id: randomUUID(),
      environment,
      workspace,
      createdAt: new Date(now()).toISOString(),
    }
    for (const [key, value] of infoPairs(info))
      connection.run('INSERT INTO info VALUES (?, ?)', key, value)
  })
  const info = readInfo(connection)
  checkInfo(info, options, schema.format)
  return info
}

function migrate(connection: SqliteConnection, options: SqliteOptions, schema: StateSchema): void {
  connection.transaction(() => {
    const {
      owner,
      expires_at: expiresAt,
      seen_at: seenAt,
    } = connection.one('SELECT * FROM lease WHERE id = 1')!
    const now = options.now()
    if (owner !== null && Number(expiresAt) > now)
      throw leaseHeld(String(owner), now - Number(seenAt))
    for (const { sql } of stepsTo(schema, readInfo(connection).format)) connection.exec(sql)
    connection.run("UPDATE info SET value = ? WHERE key = 'format'", String(schema.format))
  })
}
