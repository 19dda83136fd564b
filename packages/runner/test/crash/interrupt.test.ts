import { expect, it } from 'vitest'
import { recordsOfPhase } from './workload.ts'
import { World } from './world.ts'
import type { Dump } from './world.ts'

/**
 * Users of the first phase that Braze does not hold: all that was said of them is what they do not
 * belong to.
 */
function unknownUsers(held: Dump['users']): readonly string[] {
  const known = new Set(
    held.flatMap(({ external_id: id, user_aliases: aliases }) => [
      id,
      ...(aliases as readonly string[]).map((alias) => alias.replace(/^.*:/, '')),
    ]),
  )
  const said = recordsOfPhase(1, 0)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly userId?: string; readonly anonymousId?: string })
  return [...new Set(said.map(({ userId, anonymousId }) => userId ?? anonymousId ?? ''))].filter(
    (user) => !known.has(user),
  )
}

it('finishes what is in flight on SIGTERM, commits it, and exits with 130', async () => {
  const world = await World.open({ onUnknown: 'verify' })
  await world.beBorn()
  world.addPhase()
  await world.addFault({ kind: 'slow', path: '/users/track', delay_ms: 1500, probability: 1 })

  const life = await world.live({
    onStart: (child) => void world.firstHit().then(() => child.kill('SIGTERM')),
  })
  const interrupted = (await world.reports()).at(-1)!
  await world.clearFaults()
  await world.finish()
  const { ledger, users } = await world.dump()
  const reports = await world.reports()
  await world.close()

  expect(life.code).toBe(130)
  expect(interrupted.status).toBe('interrupted')
  expect(interrupted.braze.attributes + interrupted.braze.events).toBeGreaterThan(0)
  expect(interrupted.braze.pending).toBeGreaterThan(0)
  const paid = reports.reduce((sum, { braze }) => sum + braze.data_points, 0)
  // A first `false` of somebody Braze does not know is dropped there, and no answer says so.
  const billed = Object.values(ledger).reduce((sum, points) => sum + points, 0)
  expect(paid - billed).toBe(unknownUsers(users).length)
  expect(reports.at(-1)!.recovered).toEqual({ repeated: 0, skipped: 0, verified: 0 })
}, 300_000)
