import { startPostgres } from '@engage-sync/testkit'
import { createProfilesSyncTables } from '../../src/testing/index.ts'
import type { PostgresServer } from '@engage-sync/testkit'
import type { ProfilesSyncTables } from '../../src/testing/index.ts'
import type { Client } from 'pg'
import { afterAll, beforeAll, beforeEach } from 'vitest'

/**
 * A PostgreSQL of its own for the tests of a file; each test has tables in a schema of its own,
 * with an odd name.
 */
export interface Warehouse {
  readonly server: PostgresServer
  readonly client: Client
  readonly tables: ProfilesSyncTables
  readonly schema: string
  /** Number of the schema. */
  readonly count: number
}

/** Starts one before the tests, and stops it behind them. What it gives is filled by then. */
export function useWarehouse(): Warehouse {
  const warehouse = { count: 0 } as { -readonly [Name in keyof Warehouse]: Warehouse[Name] }
  beforeAll(async () => {
    warehouse.server = await startPostgres()
    const { default: pg } = await import('pg')
    warehouse.client = new pg.Client(warehouse.server.url)
    await warehouse.client.connect()
  })
  afterAll(async () => {
    await warehouse.client.end()
    await warehouse.server.stop()
  })
  beforeEach(async () => {
    warehouse.schema = `Odd "name" ${++warehouse.count}`
    warehouse.tables = await createProfilesSyncTables(
      (sql, values) => warehouse.client.query(sql, values),
      warehouse.schema,
    )
  })
  return warehouse
}
