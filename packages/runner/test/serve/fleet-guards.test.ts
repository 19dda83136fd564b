import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { startReceiver } from '../notify/receiver.ts'
import { audienceLine } from '../project.ts'
import { EACH, owned, sharedProject, toldBy } from './fleet-project.ts'
import { attributesOf } from './serving.ts'
import type { ServingProcess } from './serving.ts'

const SYNC = `version: 1
source: engage
identity: { external_id: userId }
audiences: { vip: { attribute: vip, backfill: true } }
`
const USERS = Array.from({ length: 12 }, (_, number) => `member ${number}`)

const vip = (user: string, value: boolean) => {
  const timestamp = new Date().toISOString()
  const line = JSON.parse(audienceLine(user, 'vip', value, 1)) as object
  return JSON.stringify({ ...line, timestamp, receivedAt: timestamp })
}

/** Memberships a worker says are frozen. */
async function frozen(worker: ServingProcess): Promise<number> {
  const text = await (await worker.get('/metrics')).text()
  return Number(/^engage_sync_frozen_mappings (\d+)$/m.exec(text)?.[1] ?? 0)
}

it('two workers keep one guard, though one is killed, and one command lets all go on', async () => {
  const receiver = await startReceiver()
  const { simulator, root, run, start } = await sharedProject()
  const project = join(root, 'configs/engage-sync.yaml')
  const guards = 'guards: { max_removals: 0%, min_removals: 4 }\n'
  const notify = `    notify: [{ webhook: '${receiver.url}', on: [frozen] }]\n`
  writeFileSync(project, `${readFileSync(project, 'utf8').trimEnd()}\n${notify}${guards}`)
  writeFileSync(join(root, 'configs/shoppers.yaml'), SYNC)
  const [front, first, second] = [
    await start('--role', 'front'),
    await start('--role', 'worker'),
    await start('--role', 'worker'),
  ]
  await vi.waitFor(
    async () => expect([await owned(first), await owned(second)]).toEqual([32, 32]),
    EACH,
  )
  const post = async (users: readonly string[], value: boolean) => {
    for (const user of users)
      expect((await front.post('/segment', vip(user, value))).status).toBe(200)
  }
  const members = async () => {
    const all = await Promise.all(USERS.map((user) => attributesOf(simulator.url, user)))
    return all.filter((attributes) => attributes['vip'] === true).length
  }
  const left = (count: number) => vi.waitFor(async () => expect(await members()).toBe(count), EACH)

  await post(USERS, true)
  await left(12)
  await post(USERS.slice(0, 3), false)
  await left(9)
  await post(USERS.slice(3), false)
  await vi.waitFor(
    async () => expect([await frozen(first), await frozen(second)]).toEqual([1, 1]),
    EACH,
  )
  await vi.waitFor(
    async () =>
      expect(await toldBy(front.url, 'state')).toMatchObject({
        frozen: [{ mapping: 'shoppers:audiences.vip', guard: 'removals', held: null }],
      }),
    EACH,
  )
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), EACH)
  first.child.kill('SIGKILL')
  await vi.waitFor(async () => expect(await owned(second)).toBe(64), EACH)
  expect(await members()).toBeGreaterThanOrEqual(8)
  const allowed = await run('allow', 'removals=shoppers:audiences.vip')
  expect([allowed.code, allowed.err]).toEqual([0, ''])
  await left(0)
  await vi.waitFor(
    async () => expect([await frozen(second), await frozen(front)]).toEqual([0, 0]),
    EACH,
  )
  for (const one of [second, front]) one.child.kill('SIGTERM')
  await Promise.all([second.ended, front.ended])
  expect((await run('state', 'check')).code).toBe(0)
}, 120_000)
