import { randomUUID } from 'node:crypto'
import type { StateInfo, StateStore } from '@engage-sync/core'
import { leaseHeld, notInitialised, unreadable, workersHold } from '../format/errors.ts'
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
import {
  DEFAULT_PATIENCE,
  PostgresConnection,
  onlyRow,
  readPostgresUrl,
} from './connection/index.ts'
import type { Patience } from './connection/index.ts'
import { SERVER_NOW } from './lease.ts'
import type { Migrating } from './format/index.ts'
import { POSTGRES_SCHEMA } from './format/index.ts'
import { PostgresStore } from './store.ts'

/** How to open a state in PostgreSQL. */
export interface PostgresOptions extends StateExpectation {
  /** `postgres://…`, with `?schema=NAME` for another schema than `engage_sync`. */
  readonly url: string
  /** Default: a lost connection is tried again for 15 s, a statement may take 30 s. */
  readonly patience?: Patience
}

/**
 * Opens a state kept in PostgreSQL; a state of an older format is brought up to the current one first.
 *
 * @param schema - the format to open it in
 * @throws {StateError} see `StateStore`; also `STATE_AUTH`, and `CONFIG_STATE_URL` for a URL that is none
 */
export async function openPostgres(
  options: PostgresOptions,
  schema: StateSchema<Migrating> = POSTGRES_SCHEMA,
): Promise<StateStore> {
  const connection = new PostgresConnection(
    readPostgresUrl(options.url),
    options.patience ?? DEFAULT_PATIENCE,
  )
  try {
    await connection.open()
    const info = await new Opening(connection, options, schema).info()
    const { pieceBytes } = options
    return new PostgresStore(
      connection,
      { schema: quoted(connection.place.schema), pieceBytes },
      info,
    )
  } catch (error) {
    await connection.close()
    throw error
  }
}

function quoted(name: string): string {
  return `"${name}"`
}

/** The steps from a connection to a state that may be used. */
class Opening {
  readonly #connection: PostgresConnection
  readonly #options: PostgresOptions
  readonly #schema: StateSchema<Migrating>
  readonly #name: string

  constructor(
    connection: PostgresConnection,
    options: PostgresOptions,
    schema: StateSchema<Migrating>,
  ) {
    this.#connection = connection
    this.#options = options
    this.#schema = schema
    this.#name = quoted(connection.place.schema)
  }

  async info(): Promise<StateInfo> {
    const { create, workspace, access = 'write' } = this.#options
    if ((await this.#tables()).size === 0) {
      if (!create) throw notInitialised(this.#connection.place.shown)
      await this.#initialise()
    }
    const info = await this.#read()
    checkInfo({ info, isUnused: await this.#isUnused(info) }, this.#options, this.#schema.format)
    if (access !== 'write') return info
    if (info.workspace !== workspace || info.format < this.#schema.format) await this.#bringUp()
    return await this.#read()
  }

  /** Tables of others in the schema are no state; without any, the schema may have been made for us by somebody else. */
  async #tables(): Promise<ReadonlySet<string>> {
    const tables = await this.#run<{ name: string }>(
      'SELECT tablename AS name FROM pg_tables WHERE schemaname = $1',
      [this.#connection.place.schema],
    )
    const names = new Set(tables.map(({ name }) => name))
    if (names.size === 0 || names.has('info')) return names
    throw unreadable(`${this.#connection.place.shown} holds tables of something else`)
  }

  async #read(): Promise<StateInfo> {
    const rows = await this.#run<{ key: string; value: string }>(
      `SELECT key, value FROM ${this.#name}.info`,
    )
    const pairs = rows.map(({ key, value }) => [key, value] as const)
    const [stored] = (await this.#tables()).has('checksums')
      ? await this.#run<{ checksum: number }>(
          `SELECT checksum::float8 AS checksum FROM ${this.#name}.checksums WHERE place = 'info'`,
        )
      : []
    return readInfo({ pairs, checksum: stored?.checksum }, this.#schema.format)
  }

  async #isUnused(info: StateInfo): Promise<boolean> {
    if (!isForeign(info, this.#options, this.#schema.format)) return false
    const [found] = await this.#run<{ unused: number }>(
      unusedQuery((name) => `${this.#name}.${name}`),
    )
    return found?.unused === 1
  }

  /** Within a transaction. */
  async #write(info: StateInfo): Promise<void> {
    const pairs = infoPairs(info)
    const text = `INSERT INTO ${this.#name}.info VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`
    for (const pair of pairs) await this.#run(text, [...pair])
    await this.#run(`UPDATE ${this.#name}.checksums SET checksum = $1 WHERE place = 'info'`, [
      infoChecksum(pairs),
    ])
  }

  /** Two processes may start at once: the second waits, and finds the tables of the first. */
  async #initialise(): Promise<void> {
    const { environment, workspace } = this.#options
    const createdAt = new Date(await this.#serverTime()).toISOString()
    const info = {
      format: this.#schema.format,
      id: randomUUID(),
      environment,
      workspace,
      createdAt,
    }
    await this.#transaction(async () => {
      await this.#run('SELECT pg_advisory_xact_lock(hashtext($1))', [
        `engage-sync ${this.#connection.place.schema}`,
      ])
      if ((await this.#tables()).size > 0) return
      const schemas = await this.#run('SELECT 1 FROM pg_namespace WHERE nspname = $1', [
        this.#connection.place.schema,
      ])
      if (schemas.length === 0) await this.#run(`CREATE SCHEMA ${this.#name}`)
      await this.#script(this.#schema.create)
      await this.#write(info)
    })
  }

  /** Brings an older format up by its steps, all of them or none, and takes the key the state goes with from now on. */
  async #bringUp(): Promise<void> {
    await this.#transaction(async () => {
      const rows = await this.#run<{ owner: string | null; left: number; age: number }>(
        `SELECT owner, (expires_at - ${SERVER_NOW})::float8 AS left, (${SERVER_NOW} - seen_at)::float8 AS age
         FROM ${this.#name}.lease WHERE id = 1 FOR UPDATE`,
      )
      const lease = onlyRow(rows, 'its lease')
      const info = await this.#read()
      const steps = stepsTo(this.#schema, info.format)
      if (steps.length > 0 && lease.owner !== null && lease.left > 0)
        throw leaseHeld(lease.owner, lease.age)
      if (steps.length > 0 && info.format >= OWNED_FORMAT) await this.#refuseWorkers()
      await this.#run(`SET LOCAL search_path TO ${this.#name}`)
      for (const { bring } of steps)
        await bring({ run: this.#run.bind(this), script: (sql) => this.#script(sql) })
      await this.#write({
        ...info,
        format: this.#schema.format,
        workspace: this.#options.workspace,
      })
    })
  }

  /** @throws {LeaseError} `STATE_LEASE_HELD` */
  async #refuseWorkers(): Promise<void> {
    const workers = await this.#run<{ worker: string; age: number }>(
      `SELECT worker, (${SERVER_NOW} - seen_at)::float8 AS age FROM ${this.#name}.workers
       WHERE expires_at > ${SERVER_NOW} ORDER BY worker`,
    )
    if (workers.length === 0) return
    throw workersHold(
      workers.map(({ worker }) => worker),
      Math.max(...workers.map(({ age }) => age)),
    )
  }

  async #serverTime(): Promise<number> {
    const rows = await this.#run<{ now: number }>(`SELECT ${SERVER_NOW}::float8 AS now`)
    return onlyRow(rows, "the server's time").now
  }

  /** Several statements at once, in the schema of the state. */
  async #script(sql: string): Promise<void> {
    await this.#run(`SET LOCAL search_path TO ${this.#name}`)
    for (const statement of sql.split(';')) if (statement.trim() !== '') await this.#run(statement)
  }

  async #transaction(work: () => Promise<void>): Promise<void> {
    await this.#run('BEGIN')
    try {
      await work()
      await this.#run('COMMIT')
    } catch (error) {
      await this.#run('ROLLBACK').catch(() => {})
      throw error
    }
  }

  /** Opening is done over one connection: when that is lost, opening fails. */
  async #run<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    return await this.#connection.guarded(
      async () => (await this.#connection.onceNow({ text, values })) as readonly Row[],
    )
  }
}
