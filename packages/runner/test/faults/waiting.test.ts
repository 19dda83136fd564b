import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { StateStore } from '@engage-sync/core'
import { startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { eventText } from '../engine/harness.ts'
import type { TestEvent } from '../engine/harness.ts'
import type { RunResult } from '../../src/engine/index.ts'
import { Sea } from './sea.ts'

const MEMBERS = '/partners/simulator/cohorts/users'
const IDENTIFY = '/users/identify'

let server: PostgresServer
let sea: Sea
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.stop())
afterEach(() => sea.close())

const STORES: readonly (readonly [
  string,
  ((schema: string) => Promise<StateStore>) | undefined,
])[] = [
  ['SQLite', undefined],
  [
    'PostgreSQL',
    async (schema) => {
      const { openPostgres } = await import('../../src/state/postgres/open-postgres.ts')
      return openPostgres({
        url: `${server.url}?schema=${schema}`,
        environment: schema,
        workspace: 'sea',
        create: true,
      })
    },
  ],
]

/** A run over some more records, each later than all before. */
function runWith(...events: readonly Omit<TestEvent, 'at'>[]): Promise<RunResult> {
  sea.addLines(events.map((event) => eventText({ ...event, at: nextAt++ })))
  return sea.run()
}

let nextAt = 0

interface Held {
  readonly custom_attributes: Readonly<Record<string, unknown>>
  readonly custom_events: readonly { readonly name: string; readonly count: number }[]
  readonly cohorts: readonly { readonly name: string }[]
}

async function held(user: string): Promise<Held | null> {
  sea.simulator.settle()
  const answer = await fetch(`${sea.simulator.url}/simulator/users/${user}`)
  return answer.ok ? ((await answer.json()) as Held) : null
}

const lettersWaiting = async () => {
  const store = await sea.openStore()
  const letters = await store.deadLetters({ code: 'PENDING_USER', limit: 99 })
  await store.close()
  return letters.length
}

describe.each(STORES)('one user in trouble, with %s', (name, open) => {
  it('whose memberships fail waits, is tried each run, and gets the newest', async () => {
    sea = await Sea.open(
      open === undefined ? {} : { openStore: () => open(`members_${name.toLowerCase()}`) },
    )
    await sea.runToEnd()
    nextAt = Date.now()
    sea.addFault({ kind: 'status', status: 401, path: MEMBERS, next: 2 })

    const first = await runWith(
      { user: 'anna', audience: 'vip', value: true },
      { user: 'ben', trait: 'plan', value: 'pro' },
    )
    const second = await runWith({ user: 'ben', trait: 'plan', value: 'free' })
    const waited = await lettersWaiting()
    const third = await runWith(
      { user: 'anna', trait: 'worth', value: 60 },
      { user: 'anna', audience: 'vip', value: false },
      { user: 'anna', audience: 'vip', value: true },
    )

    expect(
      [first, second, third].map(({ report }) => [report.status, report.records.read]),
    ).toEqual([
      ['failed', 2],
      ['failed', 2],
      ['done', 4],
    ])
    expect([waited, await lettersWaiting()]).toEqual([1, 0])
    expect(await held('anna')).toMatchObject({ custom_attributes: { vip: true, worth: 60 } })
    expect(JSON.stringify(await held('anna'))).toContain('Rich')
    expect(JSON.stringify(await held('ben'))).toContain('"free"')
  }, 60_000)

  it('whose alias cannot be joined waits as a pair, and is joined once', async () => {
    sea = await Sea.open(
      open === undefined ? {} : { openStore: () => open(`pairs_${name.toLowerCase()}`) },
    )
    await sea.runToEnd()
    nextAt = Date.now()
    await runWith({ anonymous: 'tab-1', trait: 'worth', value: 1 })
    // Each run tries four times.
    sea.addFault({ kind: 'reset', path: IDENTIFY, next: 8 })

    const first = await runWith(
      { user: 'anna', anonymous: 'tab-1', trait: 'plan', value: 'pro' },
      { user: 'ben', trait: 'plan', value: 'pro' },
    )
    const second = await runWith(
      { user: 'ben', trait: 'plan', value: 'free' },
      { anonymous: 'tab-1', trait: 'worth', value: 2 },
    )
    const third = await runWith({ user: 'anna', trait: 'plan', value: 'free' })

    expect(
      [first, second, third].map(({ report }) => [report.status, report.records.read]),
    ).toEqual([
      ['partial', 2],
      ['partial', 3],
      ['done', 3],
    ])
    expect(await held('anna')).toMatchObject({ custom_attributes: { plan: 'free', worth: 2 } })
    expect(
      (await held('anna'))!.custom_events.filter((event) => event.name === 'Worth Computed'),
    ).toMatchObject([{ count: 2 }])
  }, 60_000)
})
