import { startSimulator } from '@engage-sync/braze-simulator'
import { expect, onTestFinished, vi } from 'vitest'
import { withoutEvents } from '../../crash/compare.ts'
import type { Dump } from '../../crash/world.ts'
import { makeProject } from '../../project.ts'
import { runCommand } from '../../run-command.ts'
import { hookProject } from '../serving.ts'
import type { Place } from './places.ts'
import { Processes } from './processes.ts'
import { bodiesOf, EVENTS, ROUNDS, SYNC, USERS } from './workload.ts'

const COHORTS =
  "settle: 0ms, cohorts: { partner: simulator, partner_api_key: '${KEY}', data_import_key: '${KEY}' }"
/** What is younger than the mappings for certain, milliseconds. */
const UNTIL_BORN_MS = 20_000
const EACH = { timeout: 60_000, interval: 50 }
const WORKERS = ['one', 'two', 'three'] as const

/** How a life is led. */
export interface LifeOptions {
  readonly place: Place
  /** One process that does everything, or a front with three workers. */
  readonly workers: 1 | 3
  /** Whom a point kills, one of them at least, and which. */
  readonly kill?: { readonly processes: readonly string[]; readonly at: string } | undefined
  /** What Braze does from the second round on. */
  readonly fault?: object | undefined
  /** One more who is killed, and not started again: the others take over. */
  readonly victim?: { readonly process: string; readonly at: string } | undefined
}

interface World {
  readonly braze: string
  readonly root: string
  readonly processes: Processes
  readonly wanted: Dump | null
}

/** What is left. */
export interface Left {
  readonly dump: Dump
  readonly deaths: readonly string[]
}

/**
 * A server over a Braze of its own, and who posts to it as Segment does: every event again and
 * again, until it is acknowledged, and a user's one after another. Workers join while it goes on.
 *
 * @param wanted - what a calm one leaves; it is waited for
 * @throws where nothing ever comes to that, where a user was in two requests at once, or where a
 *   process does not end well
 */
export async function live(options: LifeOptions, wanted: Dump | null): Promise<Left> {
  const braze = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => braze.close())
  const root = projectOf(braze.url, options.place)
  const processes = new Processes(root, options.place.env)
  try {
    return await liveThrough(options, { braze: braze.url, root, processes, wanted })
  } catch (error) {
    throw new Error(processes.told(), { cause: error })
  }
}

async function liveThrough(
  { place, workers, kill, fault, victim }: LifeOptions,
  world: World,
): Promise<Left> {
  const { braze, root, processes, wanted } = world
  const begin = (name: string, ...argv: readonly string[]) => {
    if (victim?.process === name)
      return processes.start(name, { argv, killAt: victim.at, isLast: true })
    const killAt = kill?.processes.includes(name) === true ? kill.at : undefined
    return processes.start(name, { argv, killAt })
  }
  const front = workers === 1 ? 'all' : 'front'
  if (workers === 1) await begin('all', '--wait', '40')
  else await Promise.all([begin('front', '--role', 'front'), begin('one', '--role', 'worker')])
  const worker = workers === 1 ? 'all' : 'one'
  await vi.waitFor(async () => expect(await processes.isFollowing(worker)).toBe(true), EACH)
  const birthMs = Date.now() + UNTIL_BORN_MS
  const tell = async (round: number) => {
    await Promise.all(
      USERS.map(async (user) => {
        for (const body of bodiesOf(user, round, birthMs))
          await acknowledged(processes, front, body)
      }),
    )
  }

  const first = tell(ROUNDS[0])
  if (workers === 3) {
    for (const name of WORKERS.slice(1)) await begin(name, '--role', 'worker')
    await vi.waitFor(async () => {
      const shares = await processes.shares(...WORKERS)
      expect(shares.toSorted((a, b) => a - b)).toEqual([21, 21, 22])
    }, EACH)
  }
  await first
  if (fault !== undefined) await post(`${braze}/simulator/faults`, fault)
  for (const round of ROUNDS.slice(1)) await tell(round)
  if (kill !== undefined)
    await vi.waitFor(() => {
      expect(processes.deaths.some((name) => kill.processes.includes(name))).toBe(true)
    }, EACH)
  await settled(braze, wanted)
  expect(new Set(await processes.stop())).toEqual(new Set([0]))
  expect(processes.troubles).toEqual([])
  const run = (...argv: readonly string[]) =>
    runCommand(argv, { cwd: root, env: place.env, now: Date.now })
  expect(await run('state', 'check')).toMatchObject({ code: 0 })
  expect(await run('run')).toMatchObject({ code: 0 })
  const dump = await dumpOf(braze)
  if (wanted !== null) expectSame(dump, wanted)
  expect(await overlapsOf(braze)).toEqual([])
  return { dump, deaths: processes.deaths }
}

function projectOf(braze: string, { serve, state }: Place): string {
  const text = hookProject(braze, undefined, serve).replace('settle: 0ms', COHORTS)
  const where = state === null ? '' : `    state: ${state}\n`
  return makeProject({
    'configs/engage-sync.yaml': text.replace('    serve:', `${where}    serve:`),
    'configs/shoppers.yaml': SYNC,
  }).root
}

/** Posts until it is acknowledged, whoever is there. */
async function acknowledged(processes: Processes, front: string, body: string): Promise<void> {
  for (;;) {
    const answer = await processes
      .get(front)
      ?.post('/segment', body)
      .catch(() => null)
    if (answer?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Waits until Braze holds what is wanted; without that, until it holds every event. */
async function settled(braze: string, wanted: Dump | null): Promise<void> {
  await vi.waitFor(async () => {
    const dump = await dumpOf(braze)
    expect(eventsOf(dump)).toEqual(USERS.map((user) => [user, EVENTS]).toSorted())
    if (wanted !== null) expectSame(dump, wanted)
  }, EACH)
}

function expectSame(dump: Dump, wanted: Dump): void {
  expect(withoutEvents(dump)).toEqual(withoutEvents(wanted))
  expect(eventsOf(dump)).toEqual(eventsOf(wanted))
}

function eventsOf({ users }: Dump): readonly unknown[] {
  return users
    .map(({ external_id: id, custom_events: events }) => [
      id,
      events.reduce((sum, { count }) => sum + count, 0),
    ])
    .toSorted()
}

async function dumpOf(braze: string): Promise<Dump> {
  await post(`${braze}/simulator/settle`, {})
  const dump = await fetch(`${braze}/simulator/dump?parts=users,cohorts`)
  return (await dump.json()) as Dump
}

async function overlapsOf(braze: string): Promise<readonly unknown[]> {
  const answer = await fetch(`${braze}/simulator/overlaps`)
  return ((await answer.json()) as { readonly overlaps: readonly unknown[] }).overlaps
}

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  await fetch(url, { method: 'POST', body: JSON.stringify(body), headers })
}
