import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openSqlite } from '../../../src/state/sqlite/open-sqlite.ts'
import { gatherHomes } from '../../../src/state/values/home-values.ts'
import { streamGuards } from '../../../src/state/values/stream-guards.ts'

it('adds what several workers used of guards, and keeps what is frozen', async () => {
  const now = () => 1000
  const directory = mkdtempSync(join(tmpdir(), 'engage-sync-homes-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const store = openSqlite({
    path: join(directory, 'state.sqlite'),
    environment: 'local',
    workspace: 'ledger',
    create: true,
    now,
  })
  onTestFinished(() => store.close())
  const removals = 'removals=shop:audiences.vip'
  const state = (span: number, used: number, sinceMs: number) => ({
    budgets: new Map([[removals, [[span, used] as const]]]),
    frozen: new Map([[removals, sinceMs]]),
    allowed: new Map(),
  })
  const of = (home: number, guards: ReturnType<typeof state>) => {
    const { key, value } = streamGuards.stored(guards)
    return { key: `of:${home}:${key}`, value }
  }
  const { epoch } = await store.acquireLease('worker', 60_000)
  const values = [
    streamGuards.stored(state(7, 1, 900)),
    of(3, state(7, 4, 500)),
    of(9, state(8, 2, 700)),
  ]
  await store.commit({ epoch, values })

  await gatherHomes(store, epoch)

  expect(await streamGuards.read(store)).toEqual({
    budgets: new Map([
      [
        removals,
        [
          [7, 5],
          [8, 2],
        ],
      ],
    ]),
    frozen: new Map([[removals, 500]]),
    allowed: new Map(),
  })
  expect((await store.values('of:')).size).toBe(0)
})
