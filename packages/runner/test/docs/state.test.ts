import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startPostgres } from '@engage-sync/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { openPostgres } from '../../src/state/postgres/open-postgres.ts'
import { codeBlocks, ROOT } from './markdown.ts'

it('the grants of docs/state.md are all that a state in PostgreSQL needs', async () => {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  const text = readFileSync(join(ROOT, 'docs/state.md'), 'utf8')
  const [grants] = codeBlocks({ path: 'docs/state.md', text }).filter(
    ({ language }) => language === 'sql',
  )
  const { default: pg } = await import('pg')
  const admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  await admin.query(grants.text)
  await admin.end()
  const url = server.url.replace(
    /\/\/postgres:[^@]+@/,
    `//engage_sync:${encodeURIComponent('choose one')}@`,
  )

  const store = await openPostgres({
    url,
    environment: 'production',
    workspace: 'simulator',
    create: true,
  })
  const lease = await store.acquireLease('the test', 60_000)
  await store.commit({ epoch: lease.epoch, values: [{ key: 'k', value: 1 }] })
  await store.purge()

  expect((await store.values('')).size).toBe(1)
  await store.close()
})
