import { startSimulator } from '@engage-sync/braze-simulator'
import { startPostgres } from '@engage-sync/testkit'
import { expect, it, onTestFinished, vi } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { attributesOf, HOOK_ENV, hookProject, serveIn } from './serving.ts'

it('acknowledges while PostgreSQL starts again, and delivers all of it after', async () => {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => simulator.close())
  const database = await startPostgres()
  onTestFinished(() => database.stop())
  const { root } = makeProject({
    'configs/engage-sync.yaml': hookProject(simulator.url).replace(
      'serve: {}',
      'state: { url: "${DATABASE_URL}" }',
    ),
    'configs/shoppers.yaml': `version: 1
source: engage
identity: { external_id: userId }
traits: { lifetime_value: ltv }
`,
  })
  const serving = await serveIn(root, { env: { ...HOOK_ENV, DATABASE_URL: database.url } })
  const users = Array.from({ length: 40 }, (_, number) => `pg${number}`)
  const restarted = new Promise((resolve) => setTimeout(resolve, 200)).then(() =>
    database.restart('crash'),
  )
  for (const [at, user] of users.entries()) {
    const { status } = await serving.post('/segment', traitLine(user, 'lifetime_value', at).trim())
    expect([user, status]).toEqual([user, 200])
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await restarted

  await vi.waitFor(
    async () => {
      for (const [at, user] of users.entries())
        expect((await attributesOf(simulator.url, user))['ltv']).toBe(at)
    },
    { timeout: 60_000, interval: 200 },
  )
  expect(await serving.stop()).toBe(0)
})
