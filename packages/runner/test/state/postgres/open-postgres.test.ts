import { startPostgres, stateStoreContract } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll } from 'vitest'
import { openPostgres } from '../../../src/state/postgres/open-postgres.ts'
import { postgresTables } from './raw-tables.ts'

let server: PostgresServer
let states = 0

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(() => server.stop())

stateStoreContract('PostgreSQL', async () => {
  const schema = `state_${++states}`
  const url = `${server.url}?schema=${schema}`
  return {
    open: () =>
      openPostgres({ url, environment: 'production', workspace: 'simulator', create: true }),
    tables: postgresTables(server.url, schema),
    remove: async () => {},
  }
})
