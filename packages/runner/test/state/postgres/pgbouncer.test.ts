import {
  findPgBouncer,
  sampled,
  startPgBouncer,
  startPostgres,
  stateStoreContract,
} from '@engage-sync/testkit'
import type { PgBouncer, PoolMode, PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgres } from '../../../src/state/postgres/open-postgres.ts'
import { postgresTables } from './raw-tables.ts'

const program = findPgBouncer()
const MODES: readonly PoolMode[] = sampled('modes of PgBouncer', ['session', 'transaction'], 1)

describe.skipIf(program !== null)('PgBouncer', () => {
  it.skip('is not installed here: apt-get install pgbouncer')
})

describe.skipIf(program === null).each(MODES)('a pool in %s mode', (mode) => {
  let server: PostgresServer
  let pool: PgBouncer
  let states = 0

  beforeAll(async () => {
    server = await startPostgres()
    pool = await startPgBouncer(program!, server, mode)
  })
  afterAll(async () => {
    await pool.stop()
    await server.stop()
  })

  stateStoreContract(`PostgreSQL through PgBouncer (${mode})`, async () => {
    const schema = `pooled_${++states}`
    const url = `${pool.url}?schema=${schema}`
    return {
      open: () =>
        openPostgres({ url, environment: 'production', workspace: 'simulator', create: true }),
      tables: postgresTables(server.url, schema),
      remove: async () => {},
    }
  })

  it('keeps what was committed through a pool that is killed and comes back', async () => {
    const url = `${pool.url}?schema=pooled_${++states}`
    const options = { environment: 'production', workspace: 'simulator', create: true }
    const store = await openPostgres({ ...options, url })
    const { epoch } = await store.acquireLease('the test', 60_000)
    await store.commit({ epoch, values: [{ key: 'first', value: 1 }] })
    await pool.stop()
    pool = await startPgBouncer(program!, server, mode)

    const again = await openPostgres({
      ...options,
      url: `${pool.url}?schema=pooled_${states}`,
    })

    expect([...(await again.values(''))]).toEqual([['first', 1]])
    await again.close()
    await store.close()
  })
})
