import { startSimulator } from '@engage-sync/braze-simulator'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import {
  arrives as arrivesAt,
  attributesOf,
  HOOK_ENV,
  hookProject,
  serveIn,
  SHOPPERS,
} from './serving.ts'

let simulator: Awaited<ReturnType<typeof startSimulator>>
beforeAll(async () => {
  simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
})
afterAll(() => simulator.close())

const env = { ...HOOK_ENV, TOKEN: 'let-me' }
const project = (serve = '{}') =>
  makeProject({
    'configs/engage-sync.yaml': hookProject(simulator.url, undefined, serve),
    'configs/shoppers.yaml': SHOPPERS,
  })
const value = (user: string, ltv: number) => traitLine(user, 'lifetime_value', ltv).trim()
const arrives = (user: string, ltv: number) => arrivesAt(simulator.url, user, ['ltv', ltv])

it('lends the environment to a command, receives on, and works again after it', async () => {
  const { root, write } = project()
  const serving = await serveIn(root, { env })
  await serving.post('/segment', value('lent1', 1))
  await arrives('lent1', 1)

  const met = await runCommand(['run'], { cwd: root, env })
  expect([met.code, met.err]).toEqual([8, expect.stringMatching(/A server holds[^]*--hand-over/)])
  write('configs/shoppers.yaml', SHOPPERS.replace('ltv', 'ltv2'))
  const run = await runCommand(['run', '--hand-over', '--format', 'json'], { cwd: root, env })
  const forget = await runCommand(['state', 'forget', 'lent1', '--yes', '--hand-over'], {
    cwd: root,
    env,
  })
  expect([run.code, run.err]).toEqual([0, expect.any(String)])
  expect([forget.code, forget.out]).toEqual([
    0,
    expect.stringMatching(/^Erased 1 row.*\nErased 1 record that was received\.\n$/) as string,
  ])

  await serving.post('/segment', value('lent2', 2))
  await vi.waitFor(
    async () => expect((await attributesOf(simulator.url, 'lent2'))['ltv2']).toBe(2),
    10_000,
  )
  expect(await serving.stop()).toBe(0)
  expect((await runCommand(['run', '--hand-over'], { cwd: root, env })).code).toBe(0)
})

it('lends it to whatever else takes the lease', async () => {
  const { root } = project()
  const serving = await serveIn(root, { env })
  const call = (...argv: string[]) => runCommand(argv, { cwd: root, env })
  await serving.post('/segment', value('lent4', 4))
  await arrives('lent4', 4)
  await fetch(`${simulator.url}/users/track`, {
    method: 'POST',
    headers: { authorization: 'Bearer simulator', 'content-type': 'application/json' },
    body: JSON.stringify({ attributes: [{ external_id: 'lent4', ltv: 9 }] }),
  })

  /** Until it has the lease back: a command in between would find nobody there. */
  const isBack = () =>
    vi.waitFor(async () => expect((await fetch(`${serving.url}/readyz`)).status).toBe(200), 10_000)

  expect((await call('verify', '--repair')).code).toBe(8)
  expect(await call('verify', '--repair', '--hand-over')).toMatchObject({ code: 0 })
  await arrives('lent4', 4)
  for (const command of [
    ['state', 'export', 'state.ndjson'],
    ['state', 'rm', 'shoppers:traits.lifetime_value', '--yes'],
  ]) {
    await isBack()
    expect((await call(...command)).code).toBe(8)
    expect(await call(...command, '--hand-over')).toMatchObject({ code: 0 })
  }
  expect(await serving.stop()).toBe(0)
})

it('acknowledges while it is lent, and says so', async () => {
  const { root } = project('{ admin_token: "${TOKEN}" }')
  const serving = await serveIn(root, { env })
  const headers = { authorization: 'Bearer let-me' }
  const end = new AbortController()
  const borrowed = await fetch(`${serving.url}/hand-over`, {
    method: 'POST',
    headers,
    signal: end.signal,
  })
  const reader = borrowed.body!.getReader()
  expect(Buffer.from((await reader.read()).value!).toString()).toBe('handed over\n')

  expect((await serving.post('/segment', value('lent3', 3))).status).toBe(200)
  const ready = await serving.get('/readyz')
  expect(await ready.json()).toMatchObject({
    parts: { windows: { reason: { code: 'SERVE_HANDED_OVER' } }, front: { ok: true } },
  })
  expect((await serving.get('/readyz/front')).status).toBe(200)
  expect((await attributesOf(simulator.url, 'lent3'))['ltv']).toBeUndefined()
  end.abort()
  await arrives('lent3', 3)
  expect(await serving.stop()).toBe(0)
})

it('is lent by address with the admin token, and to nobody without', async () => {
  const { root } = project('{ admin_token: "${TOKEN}" }')
  const serving = await serveIn(root, { env })
  const url = serving.url
  const by = (token: string) =>
    runCommand(['run', '--hand-over', url], { cwd: root, env: { ...env, TOKEN: token } })

  expect((await serving.post('/hand-over', '')).status).toBe(401)
  expect((await serving.get('/hand-over')).status).toBe(405)
  const wrong = await by('other')
  expect([wrong.code, wrong.err]).toEqual([8, expect.stringContaining('HTTP 401') as string])
  expect((await by('let-me')).code).toBe(0)
  expect(await serving.stop()).toBe(0)
})
