import { startSimulator } from '@engage-sync/braze-simulator'
import type { Simulator } from '@engage-sync/braze-simulator'
import { sampled } from '@engage-sync/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { lettersOf, programIn } from '../live-program.ts'
import { makeProject, traitLine } from '../project.ts'

/** Some requests' worth. */
const USERS = 400

/**
 * Minutes from the first of the tests' records to an hour ago: an export of Braze shows the events
 * of 90 days.
 */
const LATELY = Math.floor((Date.now() - Date.UTC(2026, 0, 5, 10)) / 60_000) - 60

const SYNC = `version: 1
source: engage
backfill: true
identity: { external_id: userId }
traits:
  lifetime_value: { attribute: ltv, type: number, event: Worth Computed }
`

/** A project whose Braze refused every object once. */
async function refusedWorld() {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => simulator.close())
  const { root } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: "${simulator.url}", api_key: "\${KEY}", settle: 0s, verify_after: 0s }
    sources: { engage: { events: data/*.ndjson } }
`,
    'configs/shoppers.yaml': SYNC,
    'data/events.ndjson': Array.from({ length: USERS }, (_, user) =>
      traitLine(`user-${user}`, 'lifetime_value', user, LATELY),
    ).join(''),
  })
  const live = programIn(root)
  const indexes = Array.from({ length: 75 }, (_, index) => index)
  for (const array of ['attributes', 'events'] as const)
    simulator.addFault({ kind: 'partial', path: '/users/track', array, indexes, next: 99 })
  await live(['run'])
  simulator.clearFaults()
  return { simulator, live, letters: () => lettersOf(live) }
}

/** How often each user has the event, and how many users have the attribute. */
async function heldBy({ url }: Simulator) {
  const answer = await fetch(`${url}/simulator/dump?parts=users`)
  const { users } = (await answer.json()) as {
    users: readonly {
      custom_events: readonly { count: number }[]
      custom_attributes: Readonly<Record<string, unknown>>
    }[]
  }
  return {
    events: users.flatMap(({ custom_events: events }) => events.map(({ count }) => count)),
    attributes: users.filter(({ custom_attributes: held }) => 'ltv' in held).length,
  }
}

const KILLS = [
  'after-mark',
  'during-send',
  'after-send',
  'in-commit:3',
  'after-commit:3',
  'after-commit:5',
  'before-position',
]

it.each(sampled('kills of retries', KILLS, 1))(
  'a retry that is killed loses nothing and repeats no event: %s',
  async (killAt) => {
    const { simulator, live, letters } = await refusedWorld()

    const refused = await letters()
    const killed = await live(['retry', '--all'], killAt)
    const next = await live(['retry', '--all'])

    expect(refused).toBe(2 * USERS)
    expect([killed.signal, next.code]).toEqual(['SIGKILL', 0])
    expect(await heldBy(simulator)).toEqual({
      events: Array.from({ length: USERS }, () => 1),
      attributes: USERS,
    })
    expect(await letters()).toBe(0)
  },
  60_000,
)
