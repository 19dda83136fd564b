import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stateStoreContract } from '@engage-sync/testkit'
import { expect, it } from 'vitest'
import { openSqlite } from '../../../src/state/sqlite/open-sqlite.ts'
import { sqliteTables } from './raw-tables.ts'

stateStoreContract('SQLite', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'engage-sync-state-'))
  const options = {
    path: join(directory, 'state.sqlite'),
    environment: 'local',
    workspace: 'simulator',
    create: true,
    now: Date.now,
  }
  return {
    open: async () => openSqlite(options),
    tables: sqliteTables(options.path),
    remove: async () => rmSync(directory, { recursive: true, force: true }),
  }
})

it.each([':memory:', '', 'state.sqlite'])('does not take %j for the path of a file', (path) => {
  const identity = { environment: 'local', workspace: 'simulator', create: true, now: Date.now }

  expect(() => openSqlite({ ...identity, path })).toThrow(RangeError)
  if (path !== '') expect(existsSync(path)).toBe(false)
})
