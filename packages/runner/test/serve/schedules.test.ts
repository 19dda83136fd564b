import { readCron } from '@engage-sync/core'
import { startSimulator } from '@engage-sync/braze-simulator'
import { startFakeS3, startPostgres } from '@engage-sync/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Timetable } from '../../src/serve/schedules.ts'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import { attributesOf, HOOK_ENV, serveIn } from './serving.ts'

const cron = (text: string) => {
  const read = readCron(text)
  if (typeof read === 'string') throw new Error(read)
  return read
}

describe('a timetable', () => {
  it('says when sources are due, each by its own schedule, and keeps it until it is taken', () => {
    const told: string[] = []
    let now = Date.parse('2026-03-01T00:00:30Z')
    const timetable = new Timetable(
      () => now,
      () => told.push(new Date(now).toISOString().slice(11, 16)),
    )
    timetable.follow(
      new Map([
        ['people', cron('*/30 * * * *')],
        ['some', cron('0 1 * * *')],
      ]),
    )
    const taken: string[] = []
    for (const stop = now + 2 * 3_600_000; now < stop; now += 60_000) {
      timetable.look()
      if (told.length > taken.length) taken.push([...timetable.take()].join(' '))
    }
    expect(told).toEqual(['00:30', '01:00', '01:30'])
    expect(taken).toEqual(['people', 'people some', 'people'])

    now += 86_400_000
    timetable.look()
    timetable.look()
    timetable.stop()
    expect(told).toHaveLength(4)
    expect([...timetable.take()].toSorted()).toEqual(['people', 'some'])
    expect(timetable.isDue).toBe(false)
  })
})

const line = (user: string, value: number) => traitLine(user, 'lifetime_value', value)

/**
 * A project with a bucket on a schedule, beside a webhook.
 *
 * @param more - lines of its environment
 */
async function besideBucket(more = '') {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => simulator.close())
  const s3 = await startFakeS3()
  onTestFinished(() => s3.stop())
  await s3.put('logs/1.ndjson', line('s3_1', 1))
  const keys = `access_key_id: '\${ID}', secret_access_key: '\${SECRET}'`
  const sync = (source: string) => `version: 1
source: ${source}
identity: { external_id: userId }
traits: { lifetime_value: ${source}_ltv }
`
  const { root } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: '${simulator.url}', api_key: '\${KEY}', settle: 0ms }
${more}    sources:
      hook: { webhook: { unsigned: true } }
      logs: { events: 's3://${s3.bucket}/logs/**', s3: { endpoint: '${s3.url}', ${keys} }, schedule: '0 6 * * *' }
`,
    'configs/hook.yaml': sync('hook'),
    'configs/logs.yaml': sync('logs'),
    'configs/shoppers.yaml': sync('hook').replace('hook_ltv', 'other_ltv'),
  })
  const { accessKeyId: ID, secretAccessKey: SECRET } = s3.credentials
  const arrives = (user: string, attribute: string, value: number) =>
    vi.waitFor(
      async () => expect((await attributesOf(simulator.url, user))[attribute]).toBe(value),
      { timeout: 60_000, interval: 20 },
    )
  return { simulator, s3, root, arrives, env: { ...HOOK_ENV, ID, SECRET } }
}

it('reads a bucket at its first start, when it is due, and when it was meanwhile', async () => {
  const { simulator, s3, root, arrives, env } = await besideBucket()
  let later = 0
  const options = { env, now: () => Date.now() + later }
  const serving = await serveIn(root, options)
  await arrives('s3_1', 'logs_ltv', 1)
  await s3.put('logs/2.ndjson', line('s3_2', 2))
  await serving.post('/segment', line('hooked', 3).trim())
  await arrives('hooked', 'hook_ltv', 3)
  expect(await attributesOf(simulator.url, 's3_2')).toEqual({})

  later = 86_400_000
  await arrives('s3_2', 'logs_ltv', 2)
  await serving.post('/segment', line('hooked', 4).trim().replace('10:00', '11:00'))
  await arrives('hooked', 'hook_ltv', 4)
  expect(await serving.stop()).toBe(0)

  await s3.put('logs/3.ndjson', line('s3_3', 5))
  const again = await serveIn(root, options)
  await again.post('/segment', line('hooked', 6).trim().replace('10:00', '12:00'))
  await arrives('hooked', 'hook_ltv', 6)
  expect(await attributesOf(simulator.url, 's3_3')).toEqual({})
  expect(await again.stop()).toBe(0)

  later *= 2
  const missed = await serveIn(root, options)
  await arrives('s3_3', 'logs_ltv', 5)
  expect(await missed.stop()).toBe(0)
})

it('reads a bucket when it is due where workers share the environment, too', async () => {
  const database = await startPostgres()
  onTestFinished(() => database.stop())
  const { s3, root, arrives, env } = await besideBucket(
    "    state: { url: '${DATABASE_URL}' }\n    serve: { log: postgres }\n",
  )
  const shared = { ...env, DATABASE_URL: database.url }
  expect((await runCommand(['state', 'init'], { cwd: root, env: shared })).code).toBe(0)
  let later = 0
  const options = { env: shared, now: () => Date.now() + later }
  const worker = await serveIn(root, { ...options, argv: ['--role', 'worker'] })
  await arrives('s3_1', 'logs_ltv', 1)
  const owned = async () =>
    (await (await worker.get('/metrics')).text()).includes('owned_partitions 64')
  await expect.poll(owned, { timeout: 60_000 }).toBe(true)
  await s3.put('logs/2.ndjson', line('s3_2', 2))
  const front = await serveIn(root, { ...options, argv: ['--role', 'front'] })
  await front.post('/segment', line('hooked', 3).trim())
  await arrives('hooked', 'hook_ltv', 3)

  later = 86_400_000
  await arrives('s3_2', 'logs_ltv', 2)
  await front.post('/segment', line('hooked', 4).trim().replace('10:00', '11:00'))
  await arrives('hooked', 'hook_ltv', 4)
  expect(await Promise.all([worker.stop(), front.stop()])).toEqual([0, 0])
})
