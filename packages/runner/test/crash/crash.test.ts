import type { JsonObject, Report } from '@engage-sync/core'
import { sampled, startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KILL_POINTS } from '../../src/process/kill-points.ts'
import type { KillPoint } from '../../src/process/kill-points.ts'
import { addsUp, eventDifference, recoveredOf, withoutEvents } from './compare.ts'
import { survive } from './kills.ts'
import type { Kill, Survived } from './kills.ts'
import { World } from './world.ts'
import type { Dump } from './world.ts'

/**
 * Points in the order of a run, and which passage of each is deadly; the first unless it matters.
 * Recovery follows a life that left marks open.
 */
const PARTS: readonly (readonly (readonly [KillPoint, number])[])[] = [
  [
    ['before-mark', 1],
    ['after-mark', 2],
    ['in-recovery', 1],
    ['after-recovery', 1],
  ],
  [
    ['in-round', 1],
    ['after-round', 1],
    ['during-send', 1],
    ['after-send', 2],
  ],
  [
    ['before-commit', 2],
    ['in-commit', 3],
    ['commit-sent', 3],
    ['after-commit', 3],
  ],
  [
    ['before-cohorts', 1],
    ['before-position', 1],
    ['after-position', 1],
    ['before-snapshot', 1],
    ['after-snapshot', 1],
  ],
]
/**
 * A run has rounds when the answer to a request is lost; a request that was applied, then one that
 * was not.
 */
const LOST_ANSWERS: Readonly<Partial<Record<KillPoint, JsonObject>>> = {
  'in-round': { kind: 'reset', path: '/users/track', next: 1, after_apply: true },
  'after-round': { kind: 'reset', path: '/users/track', next: 1 },
}
/** Those only a run passes that forgets a user; see purge.test.ts. */
const WHERE_USERS_ARE_FORGOTTEN: readonly KillPoint[] = ['before-purge', 'in-purge', 'after-purge']
/**
 * Those of windows: a run has none; see killed-matrix.test.ts and
 * killed-handover.test.ts of the server.
 */
const OF_WINDOWS: readonly KillPoint[] = [
  'in-handover',
  'in-detach',
  'late-answer',
  'before-window-commit',
  'after-window-commit',
]
/** In PostgreSQL with the mode that asks Braze; in SQLite all modes take turns. */
const MODES = sampled('modes of crashes', ['verify', 'repeat', 'skip'] as const, 1)
/** The points are shared out to the stores by chance. */
const IN_SQLITE = sampled('points of crashes', PARTS, 2)
const IN_POSTGRES =
  IN_SQLITE.length === PARTS.length ? PARTS : PARTS.filter((part) => !IN_SQLITE.includes(part))
/**
 * The commits of one run hold different things: how it began, marks, answers. Each is tried with
 * records that are new.
 */
const PASSAGES = sampled('commits of crashes', [2, 3, 4, 5, 6], 1)
const COMMITS = (['in-commit', 'commit-sent'] as const).flatMap((point) =>
  PASSAGES.map((passage) => ({ ...killOf([point, passage]), isFresh: true })),
)
const CASES = [
  ...MODES.map((onUnknown) => ({ onUnknown, state: 'SQLite', kills: killsOf(IN_SQLITE) })),
  { onUnknown: 'verify', state: 'PostgreSQL', kills: [...killsOf(IN_POSTGRES), ...COMMITS] },
] as const
type Case = (typeof CASES)[number]

function killsOf(parts: typeof PARTS): readonly Kill[] {
  return parts.flat().map(killOf)
}

function killOf([point, passage]: readonly [KillPoint, number]): Kill {
  const fault = LOST_ANSWERS[point]
  return { name: point, killAt: `${point}:${passage}`, ...(fault === undefined ? {} : { fault }) }
}

interface Outcome {
  readonly survived: Survived
  readonly dump: Dump
  readonly reports: readonly Report[]
}

const outcomes = new Map<Case, Outcome>()
/** What a world holds after each number of phases, without any kill. */
const clean: Dump[] = []

let server: PostgresServer

async function surviveAll(one: Case): Promise<void> {
  const { onUnknown, state, kills } = one
  const world = await World.open({
    onUnknown,
    ...(state === 'SQLite' ? {} : { databaseUrl: `${server.url}?schema=crash` }),
  })
  await world.beBorn()
  const survived = await survive(world, kills)
  outcomes.set(one, { survived, dump: await world.dump(), reports: await world.reports() })
  await world.close()
}

async function liveInPeace(phases: number): Promise<void> {
  const world = await World.open({ onUnknown: 'verify' })
  await world.beBorn()
  while (clean.length < phases) {
    world.addPhase()
    await world.finish()
    clean.push(await world.dump())
  }
  await world.close()
}

describe('a crash at any instant', () => {
  beforeAll(async () => {
    server = await startPostgres()
    await Promise.all(CASES.map(surviveAll))
    await liveInPeace(Math.max(...[...outcomes.values()].map(({ survived }) => survived.phases)))
  }, 600_000)
  afterAll(() => server.stop())

  it('is tried at every named point', () => {
    const points = CASES.flatMap(({ kills }) => kills.map(({ name }) => name))
    const tried = [...new Set(points), ...WHERE_USERS_ARE_FORGOTTEN, ...OF_WINDOWS]

    expect(tried.sort()).toEqual([...KILL_POINTS].sort())
  })

  describe.each(CASES)('with on_unknown: $onUnknown, over $state', (one) => {
    const { onUnknown, kills } = one
    const outcome = () => {
      const found = outcomes.get(one)!
      return { ...found, peace: clean[found.survived.phases - 1] }
    }

    it('dies at every point', () => {
      expect(outcome().survived.hits).toEqual(kills.map(({ name }) => name))
    })

    it('ends with the attributes and memberships of a run that was never killed', () => {
      const { dump, peace } = outcome()

      expect(withoutEvents(dump)).toEqual(withoutEvents(peace))
    })

    it('repeats and skips no more events than its reports say', () => {
      const { dump, peace, reports } = outcome()
      const { more, fewer } = eventDifference(dump, peace)
      const { repeated, skipped, verified } = recoveredOf(reports)
      const told = { repeats: more <= repeated, losses: fewer <= skipped }

      expect(told).toEqual({ repeats: true, losses: true })
      if (onUnknown === 'verify')
        expect({ more, fewer, skipped }).toEqual({ more: 0, fewer: 0, skipped: 0 })
      if (onUnknown === 'repeat')
        expect({ fewer, skipped, verified }).toEqual({ fewer: 0, skipped: 0, verified: 0 })
      if (onUnknown === 'skip')
        expect({ more, repeated, verified }).toEqual({ more: 0, repeated: 0, verified: 0 })
    })

    it('pays again at most for what was on its way when it was killed', () => {
      const { dump, peace } = outcome()
      const again = dump.ledger['custom_attributes'] - peace.ledger['custom_attributes']

      expect(again).toBeGreaterThanOrEqual(0)
      expect(again).toBeLessThanOrEqual(kills.length * MOST_ON_THE_WAY)
      if (onUnknown === 'verify') expect(dump.ledger['events']).toBe(peace.ledger['events'])
    })

    it('writes reports whose counts add up', () => {
      expect(outcome().reports.filter((report) => !addsUp(report))).toEqual([])
    })
  })
})

/** Attributes in all the requests a small run has under way at once. */
const MOST_ON_THE_WAY = 500
