import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import type { Report } from '@engage-sync/core'
import { sampled, startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import type { KillPoint } from '../../src/process/kill-points.ts'
import { main } from '../../src/main.ts'
import { fakeIo } from '../fake-io.ts'
import { programEnv } from '../live-program.ts'
import { PROGRAM } from '../program.ts'
import { addsUp, eventDifference, recoveredOf, withoutEvents } from './compare.ts'
import { syncText } from './world-project.ts'
import { World } from './world.ts'
import type { Life } from './world.ts'

/** Which passage of a point is deadly for a part, and for whoever leads the run. */
const OF_PARTS: readonly (readonly [KillPoint, number])[] = [
  ['before-mark', 1],
  ['after-mark', 2],
  ['during-send', 2],
  ['after-send', 2],
  ['before-commit', 2],
  ['in-commit', 3],
  ['commit-sent', 4],
  ['after-commit', 3],
  ['before-cohorts', 1],
  ['before-snapshot', 1],
  ['after-snapshot', 1],
  ['before-position', 1],
  ['after-position', 1],
]
const OF_LEADERS: readonly (readonly [KillPoint, number])[] = [
  ['in-commit', 1],
  ['commit-sent', 3],
  ['in-commit', 5],
  ['before-position', 1],
  ['after-position', 1],
]

let database: PostgresServer
let schemas = 0
beforeAll(async () => {
  database = await startPostgres()
})
afterAll(() => database.stop())

async function openWorld(): Promise<World & { readonly databaseUrl: string }> {
  const databaseUrl = `${database.url}?schema=parts_${++schemas}`
  const world = await World.open({ onUnknown: 'verify', databaseUrl })
  onTestFinished(() => world.close())
  writeFileSync(join(world.root, 'configs/shop.yaml'), syncText('never'))
  await world.beBorn()
  return Object.assign(world, { databaseUrl })
}

/** One run after each of so many phases, by one process that nothing happens to. */
async function calm(phases: number) {
  const world = await openWorld()
  for (let phase = 0; phase < phases; phase++) {
    world.addPhase()
    await world.finish()
  }
  return { dump: await world.dump(), reports: await world.reports() }
}

/** What Braze holds is what one calm process would have sent it; an event is missing or there twice only where that is told. */
async function compare(world: World, phases: number): Promise<void> {
  const clean = await calm(phases)
  const dump = await world.dump()
  expect(withoutEvents(dump)).toEqual(withoutEvents(clean.dump))
  const reports = await world.reports()
  const { more, fewer } = eventDifference(dump, clean.dump)
  expect(more).toBeLessThanOrEqual(recoveredOf(reports).repeated)
  expect(fewer).toBe(0)
  const overlaps = await fetch(`${world.url}/simulator/overlaps`)
  expect(((await overlaps.json()) as { total: number }).total).toBe(0)
}

/** A run in parts, in a process of its own: it starts others. */
function lead(world: World, args: readonly string[]): Promise<Life> {
  return world.live({ args, onStart: () => undefined })
}

/** Who works on a state now. */
async function workersIn(url: string): Promise<readonly unknown[]> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const schema = new URL(url).searchParams.get('schema')
  const { rows } = await client.query<{ worker: string }>(`SELECT worker FROM ${schema}.workers`)
  await client.end()
  return rows
}

function reportOf({ stdout, stderr }: Life): Report {
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Report
}

it('three processes do what one does, and tell the same', { timeout: 120_000 }, async () => {
  const world = await openWorld()
  world.addPhase()
  const first = reportOf(await lead(world, ['--workers', '3']))
  world.addPhase()
  const second = reportOf(await lead(world, ['--workers', '2']))

  const one = await calm(2)

  const dump = await world.dump()
  expect(withoutEvents(dump)).toEqual(withoutEvents(one.dump))
  expect(eventDifference(dump, one.dump)).toEqual({ more: 0, fewer: 0 })
  expect([first, second].every(addsUp)).toBe(true)
  for (const [at, report] of [first, second].entries()) {
    const { records, values, users, braze } = one.reports[at + 1]!
    expect(report).toMatchObject({ status: 'done', records, values, users })
    expect({ ...report.braze, requests: 0 }).toEqual({ ...braze, requests: 0 })
  }
})

it(
  'a part that is killed loses nothing, and the next run goes on',
  { timeout: 300_000 },
  async () => {
    const world = await openWorld()
    const kills = sampled('kills of parts', OF_PARTS, 2)
    const hits: string[] = []
    let phases = 1
    world.addPhase()
    for (const [point, passage] of kills) {
      const [led, part] = await Promise.all([
        lead(world, ['--workers', '2', '--start', '1', '--wait', '30']),
        world.live({ args: ['--part', '2/2'], killAt: `${point}:${passage}` }),
      ])
      if (part.signal !== 'SIGKILL') {
        // Nothing was left to be killed at.
        expect([point, part.code, led.code]).toEqual([point, 0, 0])
        world.addPhase()
        phases++
        continue
      }
      hits.push(point)
      expect([point, led.code, reportOf(led).error?.code]).toEqual([point, 130, 'RUN_PART_LOST'])
    }
    expect(hits).not.toEqual([])
    expect((await lead(world, ['--workers', '3', '--wait', '30'])).code).toBe(0)
    await compare(world, phases)
  },
)

/** Which passage of a point is deadly for a part that is started again then: the sources do not go on yet. */
const OF_STARTED = OF_PARTS.slice(
  0,
  OF_PARTS.findIndex(([point]) => point === 'before-snapshot'),
)

/**
 * Leads a run in two parts from here. The first process of one dies at once, that of the other at a
 * point.
 */
async function leadDeadly(world: World & { readonly databaseUrl: string }, killAt: string) {
  const env = { ...programEnv(), BRAZE_API_KEY: 'simulator', DATABASE_URL: world.databaseUrl }
  const signals: (string | null)[] = []
  let started = 0
  const another = (argv: readonly string[]) => {
    const [node, ...program] = PROGRAM
    started++
    const child = spawn(node, [...program, ...argv], {
      cwd: world.root,
      env: { ...env, ...(started === 2 && { ENGAGE_SYNC_KILL_AT: killAt }) },
      stdio: 'ignore',
    })
    if (started === 1) child.kill('SIGKILL')
    const ended = once(child, 'close').then(([code, signal]) => {
      signals.push(signal)
      return code as number | null
    })
    const stop = () => void child.kill('SIGKILL')
    return { pid: child.pid ?? 0, ended, stop, hangUp: () => undefined }
  }
  const io = fakeIo({ cwd: world.root, env, now: Date.now })
  const configs = join(world.root, 'configs')
  const argv = ['--configs', configs, 'run', '--format', 'json', '--workers', '2']
  return { code: await main(argv, { ...io, another }), signals, err: io.err() }
}

it(
  'parts whose processes are killed are started again, and the run comes to its end',
  { timeout: 300_000 },
  async () => {
    for (const [point, passage] of sampled('kills of parts that go on', OF_STARTED, 1)) {
      const world = await openWorld()
      world.addPhase()

      const { code, signals, err } = await leadDeadly(world, `${point}:${passage}`)

      expect([point, code, signals]).toEqual([point, 0, ['SIGKILL', 'SIGKILL', null, null]])
      expect(err).toContain('another process goes on with it')
      const report = (await world.reports()).at(-1)!
      expect(report).toMatchObject({ status: 'done', error: null, braze: { pending: 0 } })
      const again = report.reasons.find(({ code: reason }) => reason === 'RUN_PART_AGAIN')
      expect(again).toMatchObject({ count: 1, example: expect.stringMatching(/^part \d of 2$/) })
      expect(addsUp(report)).toBe(true)
      expect(await workersIn(world.databaseUrl)).toEqual([])
      await compare(world, 1)
      expect(reportOf(await world.live()).braze.requests).toBe(0)
    }
  },
)

it(
  'whoever leads may be killed: its parts end, and the next run goes on',
  { timeout: 300_000 },
  async () => {
    const world = await openWorld()
    world.addPhase()
    for (const [point, passage] of sampled('kills of leaders', OF_LEADERS, 1)) {
      const [led, ...parts] = await Promise.all([
        world.live({
          args: ['--workers', '2', '--start', '0', '--wait', '30'],
          killAt: `${point}:${passage}`,
        }),
        world.live({ args: ['--part', '1/2', '--wait', '5'] }),
        world.live({ args: ['--part', '2/2', '--wait', '5'] }),
      ])
      expect([point, led.signal]).toEqual([point, 'SIGKILL'])
      for (const part of parts) expect([0, 3, 8, 130]).toContain(part.code)
    }
    expect((await world.live({ args: ['--wait', '30'] })).code).toBe(0)
    await compare(world, 1)
  },
)

it(
  'children end with the process that started them, however it ends',
  { timeout: 300_000 },
  async () => {
    const world = await openWorld()
    const signals = sampled('ends of leaders', ['SIGKILL', 'SIGTERM'] as const, 1)
    for (const signal of signals) {
      world.addPhase()
      await world.addFault({ kind: 'slow', path: '/users/track', next: 1000, delay_ms: 400 })
      let leader: ChildProcess | undefined
      const led = world.live({
        args: ['--workers', '2', '--wait', '30'],
        onStart: (child) => (leader = child),
      })
      await Promise.race([world.firstHit(), led])
      leader?.kill(signal)
      const { code } = await led
      await world.clearFaults()
      expect([signal, code]).toEqual([signal, signal === 'SIGKILL' ? null : 130])
      await vi.waitFor(async () => expect(await workersIn(world.databaseUrl)).toEqual([]), {
        timeout: 60_000,
        interval: 200,
      })
      expect((await world.live({ args: ['--wait', '30'] })).code).toBe(0)
    }
    await compare(world, signals.length)
  },
)
