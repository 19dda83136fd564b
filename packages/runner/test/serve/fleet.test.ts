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
  namesIn,
  owned,
  sharedProject,
  shownBy,
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
