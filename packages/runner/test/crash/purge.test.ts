import { sampled, startPostgres } from '@engage-sync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeForgetProject } from '../forget-project.ts'
import { programIn } from '../live-program.ts'
import { traitLine } from '../project.ts'
import { databaseFilesHold } from '../state/database-files.ts'

const GONE = 'shopper-to-be-forgotten'
const STAYS = 'shopper-who-stays'
/** Too long for Braze, so it is kept as a dead letter, which spans pages of its own. */
const SECRET = 'worn-by-the-forgotten-only '.repeat(2000)

/** How a user is forgotten, once the user's records were read. */
const WAYS = {
  'state forget': ['state', 'forget', GONE, '--yes'],
  run: ['run'],
} as const

/** A project that knows two users; one of them is to be forgotten. */
async function knownWorld(way: keyof typeof WAYS, databaseUrl?: string) {
  const project = await makeForgetProject([STAYS, GONE], [])
  const live = programIn(project.root)
  if (databaseUrl !== undefined) project.write('database-url', databaseUrl)
  project.configure(
    'receivedAt',
    'forget',
    databaseUrl === undefined ? '' : '    state: { url: "${file:database-url}" }\n',
  )
  project.write('data/c.ndjson', traitLine(GONE, 'lifetime_value', SECRET))
  if (databaseUrl !== undefined) await live(['state', 'init'])
  await live(['run'])
  if (way === 'run')
    project.write(
      'data/d.ndjson',
      `${JSON.stringify({ type: 'delete', userId: GONE, receivedAt: '2026-02-01T10:00:00Z' })}\n`,
    )
  return { ...project, live }
}

const POINTS = ['before-purge', 'in-purge', 'after-purge'] as const
/** A run passes every point; the command, which passes the same code, one of them. */
const KILLS = {
  run: [
    ...POINTS,
    ...sampled('positions of purges', ['before-position', 'after-position'] as const, 1),
  ],
  'state forget': sampled('purges by command', POINTS, 1),
}

describe.each(['run', 'state forget'] as const)('%s, killed after it erased a user', (way) => {
  it.each(KILLS[way])(
    'leaves the rest to the next run: %s',
    async (killAt) => {
      const { live, stateNames } = await knownWorld(way)
      const before = [stateNames(GONE), stateNames('worn-by')]

      const killed = await live(WAYS[way], killAt)
      const between = stateNames(GONE)
      const next = await live(['run'])

      expect(before).toEqual([true, true])
      expect([killed.signal, next.code]).toEqual(['SIGKILL', 0])
      if (killAt !== 'after-purge') expect(between).toBe(true)
      expect([stateNames(GONE), stateNames('worn-by'), stateNames(STAYS)]).toEqual([
        false,
        false,
        true,
      ])
    },
    60_000,
  )
})

it.each(sampled('purges in PostgreSQL', POINTS, 1))(
  'a run over PostgreSQL, killed after it erased a user, leaves the rest to the next run: %s',
  async (killAt) => {
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const { live } = await knownWorld('run', server.url)
    const before = await databaseFilesHold(server.url, GONE)

    const killed = await live(['run'], killAt)
    const between = await databaseFilesHold(server.url, GONE)
    const next = await live(['run'])

    expect([killed.signal, next.code]).toEqual(['SIGKILL', 0])
    expect([before, between]).toEqual([true, killAt !== 'after-purge'])
    expect(await databaseFilesHold(server.url, GONE)).toBe(false)
    expect(await databaseFilesHold(server.url, STAYS)).toBe(true)
  },
  60_000,
)
