import { sampled } from '@engage-sync/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { FLEET_KILL_POINTS, SERVER_KILL_POINTS } from '../../src/process/kill-points.ts'
import type { KillPoint } from '../../src/process/kill-points.ts'
import type { Dump } from '../crash/world.ts'
import { live } from './kills/life.ts'
import { LOGS, Servers } from './kills/places.ts'
import type { LogName } from './kills/places.ts'

/** The instant, its passage that is deadly, whom it kills among several, and what Braze does meanwhile. */
interface Instant {
  readonly point: KillPoint
  readonly alone: number | null
  readonly together: number
  readonly dies: readonly string[]
  readonly fault?: object
  /** Dies before it, so that the others take over. */
  readonly victim?: { readonly process: string; readonly at: string }
}

/** Requests whose answers take long. */
const SLOW = { kind: 'slow', path: '/users/track', next: 4, delay_ms: 2500 }

/** Leaves marks that nobody decided. */
const VICTIM = { process: 'two', at: 'after-send:2' }

const INSTANTS: readonly Instant[] = [
  { point: 'before-append', alone: 40, together: 40, dies: ['front'] },
  { point: 'in-append', alone: 40, together: 40, dies: ['front'] },
  { point: 'before-ack', alone: 40, together: 40, dies: ['front'] },
  { point: 'before-mark', alone: 2, together: 2, dies: ['three'] },
  { point: 'after-mark', alone: 2, together: 2, dies: ['three'] },
  { point: 'during-send', alone: 2, together: 2, dies: ['three'] },
  { point: 'after-send', alone: 2, together: 2, dies: ['three'] },
  { point: 'before-commit', alone: 4, together: 3, dies: ['three'] },
  { point: 'in-commit', alone: 5, together: 3, dies: ['three'] },
  { point: 'commit-sent', alone: 5, together: 3, dies: ['three'] },
  { point: 'after-commit', alone: 4, together: 3, dies: ['three'] },
  { point: 'before-cohorts', alone: 2, together: 2, dies: ['three'] },
  { point: 'before-window-commit', alone: 2, together: 2, dies: ['three'] },
  { point: 'after-window-commit', alone: 2, together: 2, dies: ['three'] },
  { point: 'in-detach', alone: 1, together: 1, dies: ['three'], fault: SLOW },
  { point: 'late-answer', alone: 1, together: 1, dies: ['three'], fault: SLOW },
  { point: 'in-release', alone: null, together: 1, dies: ['one'] },
  { point: 'in-release', alone: null, together: 1, dies: ['one', 'two'] },
  { point: 'in-takeover', alone: null, together: 1, dies: ['three'] },
  { point: 'in-takeover', alone: null, together: 2, dies: ['three'], victim: VICTIM },
  { point: 'in-recovery', alone: null, together: 1, dies: ['one', 'three'], victim: VICTIM },
  { point: 'in-rate-block', alone: null, together: 2, dies: ['three'] },
]

interface Cell extends Instant {
  readonly log: LogName
}

const ALONE: readonly Cell[] = LOGS.flatMap((log) =>
  INSTANTS.filter(({ alone }) => alone !== null).map((instant) => ({ ...instant, log })),
)
/** A spool is one process's own. */
const TOGETHER: readonly Cell[] = LOGS.filter((log) => log !== 'spool').flatMap((log) =>
  INSTANTS.map((instant) => ({ ...instant, log })),
)

const servers = new Servers()
afterAll(() => servers.stop())

/** What a server leaves that is left alone. */
let calm: Promise<Dump> | null = null
async function calmOne(): Promise<Dump> {
  calm ??= servers
    .place('spool', 1)
    .then((place) => live({ place, workers: 1 }, null))
    .then(({ dump }) => dump)
  const dump = await calm
  expect(dump.cohorts).toHaveLength(2)
  return dump
}

const LIMIT_MS = 240_000

it('knows every instant of a server, and of one among several', () => {
  const known = INSTANTS.map(({ point }) => point)
  expect(known).toEqual(expect.arrayContaining([...SERVER_KILL_POINTS, ...FLEET_KILL_POINTS]))
})

describe('a server that is killed leaves what a calm one leaves, each event once', () => {
  it.each(sampled('kills of one process', ALONE, 1))(
    'at $point, its log in $log',
    async ({ point, alone, fault, log }) => {
      const wanted = await calmOne()
      const place = await servers.place(log, 1)

      const kill = { processes: ['all'], at: `${point}:${alone}` }
      const { deaths } = await live({ place, workers: 1, kill, fault }, wanted)

      expect(deaths).toEqual(['all'])
    },
    LIMIT_MS,
  )

  it.each(sampled('kills of one among several', TOGETHER, 1))(
    'at passage $together of $point, one of three workers or their front, the log in $log',
    async ({ point, together, dies, fault, victim, log }) => {
      const wanted = await calmOne()
      const place = await servers.place(log, 3)

      const kill = { processes: dies, at: `${point}:${together}` }
      const { deaths } = await live({ place, workers: 3, kill, fault, victim }, wanted)

      for (const name of deaths) expect([...dies, victim?.process]).toContain(name)
    },
    LIMIT_MS,
  )
})
