import { sampled } from '@engage-sync/testkit'
import { expect, it } from 'vitest'
import { knownTo, makeForgetProject } from '../forget-project.ts'
import { lettersOf, programIn } from '../live-program.ts'

const USERS = ['shopper-1', 'shopper-2', 'shopper-3']

/**
 * A project whose first run could not read a request to forget a user, and the real program in it.
 */
async function rejectedWorld() {
  const project = await makeForgetProject(USERS, ['shopper-2'])
  const live = programIn(project.root)
  project.configure('timestamp', 'delete')
  await live(['run'])
  project.configure('receivedAt', 'delete')
  return { ...project, live, letters: () => lettersOf(live) }
}

const KILLS = [
  'in-commit:2',
  'in-commit:3',
  'before-commit',
  'after-commit',
  'before-position',
  'after-position',
]

it.each(sampled('kills of retries that forget', KILLS, 2))(
  'a retry that is killed while it forgets a user loses no request: %s',
  async (killAt) => {
    const { simulator, live, letters, stateNames } = await rejectedWorld()

    const rejected = await letters()
    const killed = await live(['retry', '--all'], killAt)
    const between = { letters: await letters(), isNamed: stateNames('shopper-2') }
    const next = await live(['retry', '--all'])

    expect(rejected).toBe(1)
    expect([killed.signal, next.code]).toEqual(['SIGKILL', 0])
    expect(between.letters === 1 || !between.isNamed).toBe(true)
    expect(await knownTo(simulator, USERS)).toEqual(['shopper-1', 'shopper-3'])
    expect(stateNames('shopper-2')).toBe(false)
    expect(await letters()).toBe(0)
  },
  60_000,
)
