import { startSimulator } from '@engage-sync/braze-simulator'
import { expect, onTestFinished, vi } from 'vitest'
import type { Dump } from '../../crash/world.ts'
import { makeProject } from '../../project.ts'
import { runCommand } from '../../run-command.ts'
import { dumpOf, eventsOf, expectSame, overlapsOf, tellBraze } from './braze.ts'
import type { Place } from './places.ts'
import { EACH, Processes } from './processes.ts'
import { filesOf, Segment, USERS } from './workload.ts'

const ROUNDS = 4
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
 * A server over a Braze of its own, and a Segment that posts to it. Workers join while it goes on.
 *
 * @param wanted - what a calm one leaves; it is waited for
 * @throws where nothing ever comes to that, where a user was in two requests at once, or where a
 *   process does not end well
 */
export async function live(options: LifeOptions, wanted: Dump | null): Promise<Left> {
  const braze = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => braze.close())
  const { root } = makeProject(filesOf(braze.url, options.place))
  const processes = new Processes(root, options.place.env)
  try {
    return await liveThrough(options, { braze: braze.url, root, processes, wanted })
  } catch (error) {
    throw new Error(processes.told(), { cause: error })
  }
}

async function liveThrough(options: LifeOptions, world: World): Promise<Left> {
  const { workers, kill, fault } = options
  const { braze, processes, wanted } = world
  const segment = new Segment(processes, await begin(options, processes))
  const first = segment.tell(1)
  if (workers === 3) await joined(options, processes)
  await first
  if (fault !== undefined) await tellBraze(braze, 'faults', fault)
  const isDead = () => processes.deaths.some((name) => kill?.processes.includes(name) === true)
  for (let round = 2; round <= ROUNDS; round++) {
    await segment.tell(round)
    // Rounds of one window would leave too few of them for the passage that kills.
    await vi.waitFor(
      async () => expect(isDead() || (await hasArrived(braze, round))).toBe(true),
      EACH,
    )
  }
  // What a victim leaves to be decided, and to whom, depends on the moment it dies at.
  if (kill !== undefined && options.victim === undefined) await until(isDead)
  await vi.waitFor(async () => {
    const dump = await dumpOf(braze)
    expect(eventsOf(dump)).toEqual(USERS.map((user) => [user, ROUNDS]))
    if (wanted !== null) expectSame(dump, wanted)
  }, EACH)
  await ended(options, world)
  const dump = await dumpOf(braze)
  if (wanted !== null) expectSame(dump, wanted)
  expect(await overlapsOf(braze)).toEqual([])
  return { dump, deaths: processes.deaths }
}

/** Whether the events of a round are there. */
async function hasArrived(braze: string, round: number): Promise<boolean> {
  return eventsOf(await dumpOf(braze)).every(([, count]) => count >= round)
}

async function until(is: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(is()).toBe(true), EACH)
}

/** Starts whoever receives, and one who works; gives the name of the former. */
async function begin({ workers, ...options }: LifeOptions, processes: Processes): Promise<string> {
  const front = workers === 1 ? 'all' : 'front'
  const worker = workers === 1 ? 'all' : 'one'
  await Promise.all([
    start(options, processes, [front, ...(workers === 1 ? ['--wait', '40'] : ['--role', 'front'])]),
    workers === 3 && start(options, processes, ['one', '--role', 'worker']),
  ])
  await vi.waitFor(async () => expect(await processes.isFollowing(worker)).toBe(true), EACH)
  return front
}

/** Starts the other workers, and waits until all have their shares. */
async function joined(options: LifeOptions, processes: Processes): Promise<void> {
  for (const name of WORKERS.slice(1)) await start(options, processes, [name, '--role', 'worker'])
  await processes.shareOut(...WORKERS)
}

async function start(
  { kill, victim }: Pick<LifeOptions, 'kill' | 'victim'>,
  processes: Processes,
  [name = '', ...argv]: readonly string[],
): Promise<void> {
  if (victim?.process === name)
    return await processes.start(name, { argv, killAt: victim.at, isLast: true })
  const killAt = kill?.processes.includes(name) === true ? kill.at : undefined
  await processes.start(name, { argv, killAt })
}

/** Ends all, and lets a run look whether anything is left. */
async function ended({ place }: LifeOptions, { root, processes }: World): Promise<void> {
  expect(new Set(await processes.stop())).toEqual(new Set([0]))
  expect(processes.troubles).toEqual([])
  const run = (...argv: readonly string[]) =>
    runCommand(argv, { cwd: root, env: place.env, now: Date.now })
  expect(await run('state', 'check')).toMatchObject({ code: 0 })
  expect(await run('run')).toMatchObject({ code: 0 })
}
