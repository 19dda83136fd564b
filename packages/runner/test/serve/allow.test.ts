import { startSimulator } from '@engage-sync/braze-simulator'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { audienceLine, makeProject } from '../project.ts'
import { startReceiver } from '../notify/receiver.ts'
import { runCommand } from '../run-command.ts'
import { arrives as arrivesAt, attributesOf, HOOK_ENV, hookProject, serveIn } from './serving.ts'

let simulator: Awaited<ReturnType<typeof startSimulator>>
beforeAll(async () => {
  simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
})
afterAll(() => simulator.close())

const SYNC = `version: 1
source: engage
identity: { external_id: userId }
audiences: { vip: { attribute: vip, backfill: true } }
`
const env = HOOK_ENV
const vip = (user: string, value: boolean, minute: number) =>
  audienceLine(user, 'vip', value, minute).trim()
const arrives = (user: string, value: boolean) => arrivesAt(simulator.url, user, ['vip', value])

/** Reads what a page of the debugger is told, until it says something. */
async function untilSeen({ body }: Response, wanted: RegExp): Promise<void> {
  let text = ''
  for await (const part of body!.pipeThrough(new TextDecoderStream())) {
    text += part
    if (wanted.test(text)) return
  }
}

it('lets a server deliver what a guard holds', async () => {
  const guards = 'guards: { max_removals: 0%, min_removals: 1 }\n'
  const receiver = await startReceiver()
  const told = () =>
    receiver.received.map(({ body }) => (JSON.parse(body) as { event: string }).event)
  const notify = `    notify: [{ webhook: '${receiver.url}' }]\n`
  const { root } = makeProject({
    'configs/engage-sync.yaml': hookProject(simulator.url).trimEnd() + `\n${notify}${guards}`,
    'configs/shoppers.yaml': SYNC,
  })
  const serving = await serveIn(root, { env })
  const users = ['g1', 'g2', 'g3']
  for (const user of users) await serving.post('/segment', vip(user, true, 1))
  for (const user of users) await arrives(user, true)

  await serving.post('/segment', vip('g1', false, 2))
  await arrives('g1', false)
  const looking = new AbortController()
  const seen = await fetch(`${serving.url}/debug/events?values=1`, { signal: looking.signal })
  await serving.post('/segment', vip('g2', false, 3))
  await untilSeen(seen, /"outcome":"held"/u)
  looking.abort()
  await serving.post('/segment', vip('new', true, 3))
  await arrives('new', true)
  expect((await attributesOf(simulator.url, 'g2'))['vip']).toBe(true)

  await vi.waitFor(() => expect(told()).toContain('frozen'), { timeout: 60_000 })

  const wrong = await runCommand(['allow', 'removals=shoppers:audiences.vipp'], { cwd: root, env })
  expect([wrong.code, wrong.err]).toEqual([
    2,
    expect.stringContaining('Did you mean removals=shoppers:audiences.vip?') as string,
  ])
  const allowed = await runCommand(['allow', 'removals=shoppers:audiences.vip'], { cwd: root, env })
  expect([allowed.code, allowed.out]).toEqual([
    0,
    'The server takes it within a second, and delivers what was held.\n',
  ])
  await arrives('g2', false)
  await vi.waitFor(() => expect(told()).toContain('recovered'), { timeout: 60_000 })
  expect(told()).toEqual(['frozen', 'recovered'])
  expect(await serving.stop()).toBe(0)
})

it('lets go on what a guard holds of a membership that nothing tells of any more', async () => {
  const guards = 'guards: { max_removals: 0%, min_removals: 0 }\n'
  const { root, write } = makeProject({
    'configs/engage-sync.yaml': hookProject(simulator.url) + guards,
    'configs/shoppers.yaml': SYNC,
  })
  const call = (...line: readonly string[]) => runCommand([...line], { cwd: root, env })
  const serving = await serveIn(root, { env })
  await serving.post('/segment', vip('r1', true, 1))
  await arrives('r1', true)
  await serving.post('/segment', vip('r1', false, 2))
  const isFrozen = async () => (await call('doctor')).out.includes('is frozen')
  await vi.waitFor(async () => expect(await isFrozen()).toBe(true), { timeout: 60_000 })
  const held = 'held by a guard until it is allowed: shoppers:audiences.vip, with 1 record'
  expect((await call('explain', 'r1')).out).toContain(held)
  expect((await call('dead-letters')).out).toContain('it is delivered once that is allowed')
  expect(await serving.stop()).toBe(0)

  const id = 'shoppers:audiences.vip'
  write('configs/shoppers.yaml', 'version: 1\nsource: engage\ntraits: { plan: plan }\n')
  expect((await call('state', 'rm', id, '--yes')).code).toBe(0)
  const allowed = await call('allow', `removals=${id}`)
  expect([allowed.code, allowed.err]).toEqual([0, ''])
  const next = await serveIn(root, { env })
  await vi.waitFor(async () => expect(await isFrozen()).toBe(false), { timeout: 60_000 })
  expect(await next.stop()).toBe(0)
})
