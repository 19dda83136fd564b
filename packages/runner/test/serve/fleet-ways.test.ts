import { mkdirSync } from 'node:fs'
import { startSimulator } from '@engage-sync/braze-simulator'
import { sampled, startPostgres, startTcpProxy } from '@engage-sync/testkit'
import type { PostgresServer, TcpProxy } from '@engage-sync/testkit'
import pg from 'pg'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { announceSimulator, simulatorStore } from '../../src/adapters/simulator-place.ts'
import { environmentDirectory } from '../../src/workspace/environment/directory.ts'
import { makeProject } from '../project.ts'
import { dumpOf, eventsOf, overlapsOf, tellBraze } from './kills/braze.ts'
import { EACH, Processes } from './kills/processes.ts'
import { filesOf, saidOf, Segment, USERS } from './kills/workload.ts'
import { HOOK_ENV } from './serving.ts'

const WORKERS = ['one', 'two', 'three'] as const
/** Twice the time after which a worker is lost, milliseconds. */
const FROZEN_MS = 10_000

let database: PostgresServer
beforeAll(async () => {
  database = await startPostgres()
})
afterAll(() => database.stop())

/**
 * A project of one machine, and where its local Braze is found.
 *
 * @param braze - its address; null for one of its own, started here
 */
async function machine(braze: string | null) {
  const place = { serve: '{ log: postgres }', state: "{ url: '${DATABASE_URL}' }", env: {} }
  const { root } = makeProject(filesOf('simulator', place))
  const directory = environmentDirectory(root, 'local')
  mkdirSync(directory, { recursive: true })
  // Whoever finds that its store is held looks for the address.
  const { url, close } = await startSimulator({
    settings: { applyDelayMs: 0 },
    store: simulatorStore(directory),
  })
  onTestFinished(close)
  announceSimulator(directory, braze ?? url)
  return { root, url }
}

/** A front and three workers over one PostgreSQL and one Braze; the second worker's ways go through proxies. */
async function fleet() {
  const { root, url: braze } = await machine(null)
  const toDatabase = await startTcpProxy(database.port)
  const toBraze = await startTcpProxy(Number(new URL(braze).port))
  for (const way of [toDatabase, toBraze]) onTestFinished(() => way.close())
  const processes = new Processes(root, { ...HOOK_ENV, DATABASE_URL: database.url })
  // A state belongs to one address of Braze, so that all say the same: the local one, wherever that is.
  const { root: other } = await machine(`http://127.0.0.1:${toBraze.port}`)
  const DATABASE_URL = database.url.replace(`:${database.port}/`, `:${toDatabase.port}/`)
  await Promise.all([
    processes.start('front', { argv: ['--role', 'front'] }),
    processes.start('one', { argv: ['--role', 'worker'] }),
  ])
  await vi.waitFor(async () => expect(await processes.isFollowing('one')).toBe(true), EACH)
  await processes.start('two', { argv: ['--role', 'worker'], root: other, env: { DATABASE_URL } })
  await processes.start('three', { argv: ['--role', 'worker'] })
  await processes.shareOut(...WORKERS)
  return {
    braze,
    processes,
    toDatabase,
    toBraze,
    segment: new Segment(processes, 'front'),
  }
}

type Fleet = Awaited<ReturnType<typeof fleet>>

interface Attributes {
  readonly users: readonly {
    readonly external_id: string
    readonly custom_attributes: Readonly<Record<string, unknown>>
  }[]
}

/** Waits until Braze has all that was said, of so many users at least. */
async function arrives(braze: string, round: number, least = USERS.length): Promise<void> {
  await vi.waitFor(async () => {
    const { users } = (await dumpOf(braze)) as unknown as Attributes
    const missing = USERS.filter((user) => {
      const { ltv, vip } = saidOf(user, round)
      const { custom_attributes: held } = users.find((one) => one.external_id === user) ?? {}
      return held?.['ltv'] !== ltv || held['vip'] !== vip
    })
    expect([round, missing.slice(USERS.length - least)]).toEqual([round, []])
  }, EACH)
}

interface Disturbance {
  readonly what: string
  /** Nobody loses a share, not even to join again. */
  readonly keepsShares?: true
  /** What is said meanwhile has begun to be posted. */
  readonly happens: (fleet: Fleet, round: number) => Promise<void> | void
}

const both = ({ toDatabase, toBraze }: Fleet): readonly TcpProxy[] => [toDatabase, toBraze]

/** Others have all partitions, and all that was said, before it is heard of again. */
async function takenOver({ processes, braze }: Fleet, round: number): Promise<void> {
  await processes.shareOut('one', 'three')
  await arrives(braze, round)
}

const DISTURBANCES: readonly Disturbance[] = [
  {
    what: 'both ways are cut',
    keepsShares: true,
    happens: (of) => both(of).forEach((way) => way.cut()),
  },
  {
    what: 'both ways are slow',
    keepsShares: true,
    happens: async (of, round) => {
      for (const way of both(of)) way.delay(100)
      await arrives(of.braze, round)
    },
  },
  {
    what: 'Braze is silent: its users wait, and nobody else',
    keepsShares: true,
    happens: async ({ toBraze, braze }, round) => {
      toBraze.turn('silent')
      await arrives(braze, round, 1)
    },
  },
  {
    what: 'Braze is busy, broken and slow',
    keepsShares: true,
    happens: async ({ braze }, round) => {
      for (const fault of [
        { kind: 'status', status: 429, retry_after: 1, next: 4 },
        { kind: 'status', status: 503, next: 4 },
        { kind: 'slow', next: 4, delay_ms: 1500 },
      ])
        await tellBraze(braze, 'faults', { path: '/users/track', ...fault })
      await arrives(braze, round)
    },
  },
  {
    what: 'the state is silent for longer than its lease',
    happens: async (of, round) => {
      of.toDatabase.turn('silent')
      await takenOver(of, round)
    },
  },
  {
    what: 'the state turns it away for longer than its lease',
    happens: async (of, round) => {
      of.toDatabase.turn('refuse')
      await takenOver(of, round)
    },
  },
  ...(['fast', 'crash'] as const).map((how) => ({
    what: `PostgreSQL starts again (${how})`,
    keepsShares: true as const,
    happens: () => database.restart(how),
  })),
  {
    what: 'PostgreSQL is gone for longer than any lease',
    happens: () => database.restart('fast', FROZEN_MS / 1000),
  },
  {
    what: 'it is frozen for twice its lease',
    happens: async (of, round) => {
      const thaws = new Promise((resolve) => setTimeout(resolve, FROZEN_MS))
      of.processes.get('two')?.child.kill('SIGSTOP')
      await takenOver(of, round)
      await thaws
    },
  },
]

/** Who owns what, and since which joining. */
async function owners(): Promise<readonly unknown[]> {
  const client = new pg.Client(database.url)
  await client.connect()
  const text = 'SELECT partition, worker, epoch FROM engage_sync.owners ORDER BY partition'
  const { rows } = await client.query<object>(text)
  await client.end()
  return rows
}

function undo({ processes, ...of }: Fleet): void {
  for (const way of both({ processes, ...of })) {
    way.delay(0)
    way.turn('open')
  }
  processes.get('two')?.child.kill('SIGCONT')
}

it(
  'all arrives, once, while the ways of one of three workers are cut, slow and silent, it is frozen, and Braze and PostgreSQL go and come',
  { timeout: 240_000 },
  async () => {
    const of = await fleet()
    let round = 1
    await of.segment.tell(round)
    await arrives(of.braze, round)
    const disturb = async ({ what, happens, keepsShares }: Disturbance) => {
      const before = await owners()
      round++
      const told = of.segment.tell(round)
      await happens(of, round)
      undo(of)
      await told
      await of.segment.tell(++round)
      await arrives(of.braze, round)
      await of.processes.shareOut(...WORKERS)
      if (keepsShares === true) expect([what, await owners()]).toEqual([what, before])
    }
    for (const disturbance of sampled('ways of one', DISTURBANCES, 2))
      await disturb(disturbance).catch((cause: unknown) => {
        throw new Error(`${disturbance.what}\n${of.processes.told()}`, { cause })
      })
    for (const way of both(of)) expect(way.taken).toBeGreaterThan(0)

    expect(eventsOf(await dumpOf(of.braze))).toEqual(USERS.map((user) => [user, round]))
    expect(await overlapsOf(of.braze)).toEqual([])
    expect(new Set(await of.processes.stop())).toEqual(new Set([0]))
    expect([of.processes.deaths, of.processes.troubles]).toEqual([[], []])
  },
)
