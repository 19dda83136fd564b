import { expect, it } from 'vitest'
import { World } from './world.ts'

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
  const { ledger } = await world.dump()
  const reports = await world.reports()
  await world.close()

  expect(life.code).toBe(130)
  expect(interrupted.status).toBe('interrupted')
  expect(interrupted.braze.attributes + interrupted.braze.events).toBeGreaterThan(0)
  expect(interrupted.braze.pending).toBeGreaterThan(0)
  const paid = reports.reduce((sum, { braze }) => sum + braze.data_points, 0)
  expect(paid).toBe(Object.values(ledger).reduce((sum, points) => sum + points, 0))
  expect(reports.at(-1)!.recovered).toEqual({ repeated: 0, skipped: 0, verified: 0 })
}, 300_000)
