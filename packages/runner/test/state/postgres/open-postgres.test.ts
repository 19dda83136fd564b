import { startPostgres, stateStoreContract } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll } from 'vitest'
import { openPostgres } from '../../../src/state/postgres/open-postgres.ts'

let server: PostgresServer
let states = 0

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(() => server.stop())

stateStoreContract('PostgreSQL', async () => {
  const url = `${server.url}?schema=state_${++states}`
  return {
    open: () =>
      openPostgres({ url, environment: 'production', workspace: 'simulator', create: true }),
    remove: async () => {},
  }
})
