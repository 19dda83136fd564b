import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { traitLine } from '../project.ts'
import {
  EACH,
  eventsOf,
  expectNoOverlaps,
  frontAndThree,
  owned,
  sharedProject,
  toldBy,
  valueLine,
} from './fleet-project.ts'
import { attributesOf } from './serving.ts'

it(
  'three workers take over from one another, and nobody notices',
  { timeout: 240_000 },
  async () => {
    const { simulator, run, start, env } = await sharedProject()
    const { front, workers } = await frontAndThree(start)
    const [first, second, third] = workers
    const values = new Map<string, number>()
    const posted = new Map<string, number>()
    let ltv = 0
    const post = async (count: number) => {
      for (let at = 0; at < count; at++) {
        const user = `fleet ${++ltv % 50}`
        values.set(user, ltv)
        posted.set(user, (posted.get(user) ?? 0) + 1)
        const { status } = await front.post('/segment', valueLine(user, ltv))
        expect(status).toBe(200)
      }
    }

    await post(60)
    first.child.kill('SIGKILL')
    await post(60)
    second.child.kill('SIGSTOP')
    await post(60)
    await vi.waitFor(async () => expect(await owned(third!)).toBe(64), EACH)
    await sleep(1000)
    second.child.kill('SIGCONT')
    await post(60)

    await vi.waitFor(async () => {
      for (const [user, value] of values)
        expect((await attributesOf(simulator.url, user))['ltv']).toBe(value)
    }, EACH)
    const missed: unknown[] = []
    for (const [user, count] of posted) {
      const found = await eventsOf(simulator.url, user)
      if (found !== count) missed.push([user, count, found])
    }
    expect(missed).toEqual([])
    await expectNoOverlaps(simulator.url)
    await vi.waitFor(async () => {
      const shares = await Promise.all([owned(second!), owned(third!)])
      expect(shares).toEqual([32, 32])
    }, EACH)
    const shown = JSON.parse((await run('state', 'show', '--format', 'json')).out)
    expect(
      shown.workers.map(({ partitions }: { partitions: number[] }) => partitions.length),
    ).toEqual([32, 32])
    const met = await run('run')
    expect([met.code, met.err]).toEqual([8, expect.stringMatching(/2 workers hold[^]*--hand-over/)])
    for (const one of [second, third, front]) one?.child.kill('SIGTERM')
    expect(await Promise.all([second.ended, third?.ended, front.ended])).toEqual(
      Array.from({ length: 3 }, () => ({ code: 0, signal: null })),
    )
    expect((await run('state', 'check')).code).toBe(0)
    expect((await run('run')).code).toBe(0)
    // Braze's limits are what several workers shared out.
    expect(await namesIn(env.DATABASE_URL, 'SELECT name FROM rates')).toContain('track')
  },
)

/** A worker as `state show` tells of it. */
interface Shown {
  readonly name: string
  readonly configuration: number
  readonly partitions: readonly number[]
}

/** All workers of a project, as `state show` says. */
async function shownBy(run: Awaited<ReturnType<typeof sharedProject>>['run']) {
  const { out } = await run('state', 'show', '--format', 'json')
  return (JSON.parse(out) as { readonly workers: readonly Shown[] }).workers
}

/** A worker as the debugger tells of it. */
interface Desk {
  readonly url: string
  readonly partitions: number
  readonly here: boolean
}

/** Names that a query finds in a state. */
async function namesIn(url: string, sql: string): Promise<readonly string[]> {
  const { default: pg } = await import('pg')
  const client = new pg.Client(url)
  await client.connect()
  await client.query('SET search_path TO engage_sync')
  const { rows } = await client.query<{ name: string }>(sql)
  await client.end()
  return rows.map(({ name }) => name)
}

it(
  'one process receives and starts those that work, and ends with them',
  { timeout: 180_000 },
  async () => {
    const { simulator, root, run, start } = await sharedProject()
    const serving = await start('--workers', '2')
    const workers = () => shownBy(run)
    await vi.waitFor(async () => {
      expect((await workers()).map(({ partitions }) => partitions.length)).toEqual([32, 32])
    }, EACH)
    const [one] = await workers()
    process.kill(pidOf(one?.name ?? ''), 'SIGKILL')

    for (let at = 0; at < 20; at++)
      await serving.post('/segment', traitLine(`many ${at}`, 'lifetime_value', at).trim())
    await vi.waitFor(async () => {
      for (let at = 0; at < 20; at++)
        expect((await attributesOf(simulator.url, `many ${at}`))['ltv']).toBe(at)
      expect((await workers()).map(({ partitions }) => partitions.length)).toEqual([32, 32])
    }, EACH)

    expect(serving.err()).toContain('another one is started')
    const desks = await vi.waitFor(async () => {
      const told = (await toldBy(serving.url, 'state')) as { readonly workers: readonly Desk[] }
      expect(told.workers.map(({ partitions }) => partitions)).toEqual([32, 32])
      return told.workers
    }, EACH)
    // What the other one works on is none of those that no mapping wants.
    for (const { url } of desks)
      expect(await (await fetch(`${url}/metrics`)).text()).toContain('class="unmapped"} 0\n')
    const owner = (await toldBy(serving.url, 'owner', '?user=many%203')) as Desk
    expect(owner.here).toBe(false)
    const other = desks.find(({ url }) => url !== owner.url)
    // Each knows who owns what since it beat last.
    await vi.waitFor(async () => {
      expect(await toldBy(owner.url, 'owner', '?user=many%203')).toMatchObject({ here: true })
      expect(await toldBy(other?.url ?? '', 'owner', '?user=many%203')).toMatchObject(owner)
    }, EACH)
    const shown = toldBy(owner.url, 'entry', '?user=many%203')
    await serving.post('/segment', traitLine('many 3', 'lifetime_value', 77, 1).trim())
    expect(await shown).toMatchObject({ source: 'engage' })
    const shoppers = join(root, 'configs/shoppers.yaml')
    writeFileSync(
      shoppers,
      readFileSync(shoppers, 'utf8').replace('attribute: ltv', 'attribute: worth'),
    )
    expect((await run('run')).code).toBe(8)
    expect(await run('run', '--hand-over')).toMatchObject({ code: 0 })
    expect(await run('state', 'forget', 'many 1', '--yes', '--hand-over')).toMatchObject({
      code: 0,
    })
    expect(
      (await serving.post('/segment', traitLine('many 99', 'lifetime_value', 99).trim())).status,
    ).toBe(200)
    await vi.waitFor(
      async () => expect((await attributesOf(simulator.url, 'many 99'))['worth']).toBe(99),
      EACH,
    )
    serving.child.kill('SIGTERM')
    expect(await serving.ended).toEqual({ code: 0, signal: null })
    expect(await workers()).toEqual([])
  },
)

it(
  'those that one process starts read the configuration anew with it, and end with it, however that is',
  { timeout: 180_000 },
  async () => {
    const { simulator, root, run, start, env } = await sharedProject()
    const serving = await start('--workers', '2')
    const workers = () => shownBy(run)
    const configurations = async () => (await workers()).map(({ configuration }) => configuration)
    await vi.waitFor(async () => expect(await configurations()).toEqual([1, 1]), EACH)
    const shoppers = join(root, 'configs/shoppers.yaml')
    const text = readFileSync(shoppers, 'utf8')
    writeFileSync(shoppers, text.replace('attribute: ltv', 'attribute: worth'))

    serving.child.kill('SIGHUP')

    await vi.waitFor(async () => expect(await configurations()).toEqual([2, 2]), EACH)
    await serving.post('/segment', traitLine('anew', 'lifetime_value', 7).trim())
    await vi.waitFor(
      async () => expect(await attributesOf(simulator.url, 'anew')).toEqual({ worth: 7 }),
      EACH,
    )
    expect(serving.err()).not.toContain('another one is started')
    const pids = async () => (await workers()).map(({ name }) => pidOf(name))
    const left = () => namesIn(env.DATABASE_URL, 'SELECT worker AS name FROM workers')
    // As a terminal does it, or a supervisor: all of them get the signal, one of them in a window.
    await slowDown(simulator.url)
    await serving.post('/segment', traitLine('anew', 'lifetime_value', 8, 1).trim())
    await vi.waitFor(async () => expect(await slowed(simulator.url)).toBe(1), EACH)
    for (const pid of await pids()) process.kill(pid, 'SIGINT')
    serving.child.kill('SIGINT')
    expect(await serving.ended).toEqual({ code: 0, signal: null })
    expect(await left()).toEqual([])

    const again = await start('--workers', '2')
    await vi.waitFor(async () => expect(await pids()).toHaveLength(2), EACH)
    again.child.kill('SIGKILL')
    await vi.waitFor(async () => expect(await left()).toEqual([]), EACH)
  },
)

/** The next request is answered after two seconds. */
async function slowDown(simulator: string): Promise<void> {
  const fault = { kind: 'slow', path: '/users/track', next: 1, delay_ms: 2000 }
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(fault)
  await fetch(`${simulator}/simulator/faults`, { method: 'POST', headers, body })
}

/** How many requests were answered late. */
async function slowed(simulator: string): Promise<number> {
  const { faults } = (await (await fetch(`${simulator}/simulator/faults`)).json()) as {
    readonly faults: readonly { readonly hits: number }[]
  }
  return faults[0]?.hits ?? 0
}

/** Of the process that is known by such a name. */
function pidOf(name: string): number {
  return Number(name.split(':')[1])
}

it(
  'a newer configuration comes in beside workers of the former one',
  { timeout: 180_000 },
  async () => {
    const { simulator, root, run, start } = await sharedProject()
    const front = await start('--role', 'front')
    const former = await start('--role', 'worker')
    await vi.waitFor(async () => expect(await owned(former)).toBe(64), EACH)
    const post = async (from: number) => {
      for (let at = from; at < from + 20; at++)
        await front.post('/segment', traitLine(`roll ${at}`, 'lifetime_value', at).trim())
    }
    const users = async (count: number) => {
      const all = await Promise.all(
        Array.from({ length: count }, (_, at) => attributesOf(simulator.url, `roll ${at}`)),
      )
      return all.map((attributes, at) => [attributes['ltv'] === at, attributes['worth'] === at])
    }
    await post(0)
    await vi.waitFor(async () => expect((await users(20)).every(([ltv]) => ltv)).toBe(true), EACH)
    const shoppers = join(root, 'configs/shoppers.yaml')
    writeFileSync(
      shoppers,
      readFileSync(shoppers, 'utf8').replace('attribute: ltv', 'attribute: worth'),
    )

    const newer = await start('--role', 'worker')
    await vi.waitFor(async () => {
      const workers = (await shownBy(run)).map(({ configuration, partitions }) => [
        configuration,
        partitions.length,
      ])
      expect(workers.toSorted()).toEqual([
        [1, 32],
        [2, 32],
      ])
      expect(await (await newer.get('/metrics')).text()).toMatch(
        /^engage_sync_rollout_partitions 32$/m,
      )
    }, EACH)
    await post(20)
    await vi.waitFor(async () => {
      const seen = await users(40)
      expect(seen.every(([ltv, worth]) => ltv || worth)).toBe(true)
      expect(seen.some(([, worth]) => worth)).toBe(true)
    }, EACH)
    former.child.kill('SIGTERM')
    expect(await former.ended).toEqual({ code: 0, signal: null })

    await vi.waitFor(
      async () => expect((await users(40)).every(([, worth]) => worth)).toBe(true),
      EACH,
    )
    await vi.waitFor(async () => {
      expect(await (await newer.get('/metrics')).text()).toMatch(
        /^engage_sync_rollout_partitions 64$/m,
      )
    }, EACH)
    for (const one of [newer, front]) one.child.kill('SIGTERM')
    await Promise.all([newer.ended, front.ended])
    expect((await run('state', 'check')).code).toBe(0)
    const after = await run('run', '--format', 'json')
    expect(JSON.parse(after.out)).toMatchObject({ records: { read: 0 }, braze: { requests: 0 } })
  },
)

it('what only one process can do is refused with several', async () => {
  const { root, run } = await sharedProject()
  const together = await run('serve', '--workers', '2', '--role', 'front')
  expect([together.code, together.err]).toEqual([2, expect.stringContaining('USAGE_OPTION')])
  const project = join(root, 'configs/engage-sync.yaml')
  writeFileSync(project, readFileSync(project, 'utf8').replace('{ log: postgres }', '{}'))
  const spooling = await run('serve', '--role', 'worker', '--listen', '127.0.0.1:0')
  expect([spooling.code, spooling.err]).toEqual([2, expect.stringContaining('CONFIG_STREAM_ALONE')])
})
