import { setTimeout as sleep } from 'node:timers/promises'
import { PARTITIONS } from '@engage-sync/core'
import type { Membership, StateStore } from '@engage-sync/core'
import { drawnFor, startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { openPostgres } from '../../../src/state/postgres/open-postgres.ts'

/** A worker of these tests is lost after this, milliseconds. */
const TTL_MS = 150
/** Partitions that are written to: few, so that they are fought for. */
const WRITTEN = 12
const WORKERS = 4
const STEPS = 40

let server: PostgresServer
let states = 0

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(() => server.stop())

/** A state of its own, and what opens it as another process would. */
function newState(): { readonly schema: string; readonly open: () => Promise<StateStore> } {
  const schema = `ownership_${++states}`
  const url = `${server.url}?schema=${schema}`
  const open = async () => {
    const store = await openPostgres({
      url,
      environment: 'production',
      workspace: 'simulator',
      create: true,
    })
    onTestFinished(() => store.close())
    return store
  }
  return { schema, open }
}

/** Works as the random numbers say: beats, commits, gives back, sleeps too long and wakes, dies and comes anew. */
class RandomWorker {
  readonly #store: StateStore
  readonly #name: string
  readonly #random: ReturnType<typeof drawnFor>
  #lives = 0
  #member: Membership | null = null
  /** By partition that it takes for its own: which time that is. */
  #owned = new Map<number, number>()
  #gains = 0
  readonly counts = { commits: 0, refused: 0 }

  constructor(store: StateStore, number: number) {
    this.#store = store
    this.#name = `worker ${number}`
    this.#random = drawnFor(`the ways of worker ${number}`)
  }

  async work(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      this.#member ??= await this.#join()
      const drawn = this.#random.below(20)
      if (drawn < 6) await this.#beat()
      else if (drawn < 17) await this.#commit()
      else if (drawn === 17) await this.#freeze()
      else if (drawn === 18) await this.#give()
      else this.#die()
    }
  }

  #join(): Promise<Membership> {
    const worker = `${this.#name}, life ${++this.#lives}`
    return this.#store.join({ worker, url: null, fingerprint: 'f', demand: PARTITIONS }, TTL_MS)
  }

  async #beat(): Promise<void> {
    const beat = await this.#unlessLost((member) => this.#store.beat(member, TTL_MS))
    if (beat === undefined) return
    const owned = new Map<number, number>()
    for (const partition of beat.owned)
      owned.set(partition, this.#owned.get(partition) ?? ++this.#gains)
    this.#owned = owned
    for (const partition of beat.wanted) this.#owned.delete(partition)
    await this.#unlessLost((member) => this.#store.release(member, beat.wanted))
  }

  async #commit(): Promise<void> {
    const own = [...this.#owned].filter(([partition]) => partition < WRITTEN)
    const some = own.filter(() => this.#random.below(2) === 0)
    const done = await this.#unlessLost(async ({ worker, epoch }) => {
      await this.#store.commit({
        worker,
        epoch,
        deltas: some.map(([partition, gain]) => ({
          partition,
          bytes: Buffer.from(`${this.#name} ${this.#lives} ${gain}`),
        })),
        values: some.map(([partition]) => ({
          key: `due:${partition}`,
          partition,
          value: this.counts.commits,
        })),
      })
      return true
    })
    this.counts[done === undefined ? 'refused' : 'commits']++
  }

  async #freeze(): Promise<void> {
    await sleep(TTL_MS + this.#random.below(TTL_MS * 2))
    await this.#commit()
  }

  async #give(): Promise<void> {
    const some = [...this.#owned.keys()].filter(() => this.#random.below(3) === 0)
    for (const partition of some) this.#owned.delete(partition)
    await this.#unlessLost(async (member) => {
      const { worker, epoch } = member
      await this.#store.release(member, some)
      const deltas = some.map((partition) => ({ partition, bytes: Buffer.from('given back') }))
      if (deltas.length === 0) return
      const late = this.#store.commit({ worker, epoch, deltas })
      await expect(late).rejects.toMatchObject({ code: 'STATE_LEASE_LOST' })
    })
  }

  #die(): void {
    this.#member = null
    this.#owned.clear()
  }

  async #unlessLost<T>(work: (member: Membership) => Promise<T>): Promise<T | undefined> {
    if (this.#member === null) return undefined
    try {
      return await work(this.#member)
    } catch (error) {
      expect(error).toMatchObject({ code: 'STATE_LEASE_LOST' })
      this.#die()
      return undefined
    }
  }
}

it('no partition has two owners, whatever workers do, and when', { timeout: 60_000 }, async () => {
  const { open } = newState()
  const stores: StateStore[] = []
  for (let number = 0; number < WORKERS; number++) stores.push(await open())
  const workers = stores.map((store, number) => new RandomWorker(store, number))

  await Promise.all(workers.map((worker) => worker.work()))

  const store = await open()
  const commits = workers.reduce((sum, { counts }) => sum + counts.commits, 0)
  expect(commits).toBeGreaterThan(WORKERS)
  for (let partition = 0; partition < WRITTEN; partition++) {
    const { deltas } = await store.loadPartition(partition)
    const owners = deltas.map((bytes) => Buffer.from(bytes).toString())
    const turns = owners.filter((owner, index) => owner !== owners[index - 1])
    expect(turns, `partition ${partition}`).toEqual([...new Set(turns)])
  }
  await store.verify()
})

it('a worker is lost only after a commit of it that is under way', async () => {
  const { schema, open } = newState()
  const card = { url: null, fingerprint: 'f', demand: PARTITIONS }
  const [one, other] = [await open(), await open()]
  const member = await one.join({ ...card, worker: 'one' }, TTL_MS * 100)
  await one.claim(member, PARTITIONS)
  const next = await other.join({ ...card, worker: 'other' }, TTL_MS * 100)
  const client = new Client({ connectionString: server.url })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query(
    `BEGIN; SELECT 1 FROM ${schema}.checksums WHERE place = 'partition 3' FOR UPDATE`,
  )
  const { worker, epoch } = member
  const deltas = [{ partition: 3, bytes: Uint8Array.of(7) }]
  const commit = one.commit({ worker, epoch, deltas })
  await isWaiting(schema, 1)

  // Read after the answer: those to both come by connections of their own, in any order.
  const left = other.bury(member).then(() => other.loadPartition(3))
  await isWaiting(schema, 2)
  await client.query('COMMIT')

  expect((await left).deltas).toEqual([Uint8Array.of(7)])
  await commit
  expect(await other.claim(next, PARTITIONS)).toHaveLength(PARTITIONS)
  await expect(one.commit({ worker, epoch, deltas })).rejects.toMatchObject({
    code: 'STATE_LEASE_LOST',
  })
})

it('a server that came back loses nobody before all could be heard of', async () => {
  const { open } = newState()
  const card = { url: null, fingerprint: 'f', demand: PARTITIONS }
  const [one, other] = [await open(), await open()]
  const first = await one.join({ ...card, worker: 'one' }, 1)
  const second = await other.join({ ...card, worker: 'other' }, 1)
  await server.restart('fast')

  await one.beat(first, 60_000)

  await other.beat(second, 60_000)
  expect((await one.fleet()).workers).toHaveLength(2)
})

/** Waits until so many statements on a state wait for locks. */
async function isWaiting(schema: string, count: number): Promise<void> {
  const client = new Client({ connectionString: server.url })
  await client.connect()
  const text = `SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%'`
  while ((await client.query<{ count: number }>(text)).rows[0]?.count !== count) await sleep(5)
  await client.end()
}
