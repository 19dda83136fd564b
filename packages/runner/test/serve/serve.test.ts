import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { startSimulator } from '@engage-sync/braze-simulator'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { programIn } from '../live-program.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import {
  arrives as arrivesAt,
  attributesOf,
  HOOK_ENV,
  hookProject,
  serveIn,
  serveProcess,
  SHOPPERS,
} from './serving.ts'

let simulator: Awaited<ReturnType<typeof startSimulator>>
beforeAll(async () => {
  simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
})
afterAll(() => simulator.close())

const project = (webhook?: string, serve?: string) =>
  makeProject({
    'configs/engage-sync.yaml': hookProject(simulator.url, webhook, serve),
    'configs/shoppers.yaml': SHOPPERS,
  })

const value = (user: string, ltv: number, minute = 0) =>
  traitLine(user, 'lifetime_value', ltv, minute).trim()

/** Waits until Braze holds a value of a user. */
const arrives = (user: string, ltv: number) => arrivesAt(simulator.url, user, ['ltv', ltv])

/** A port that nobody listens on, and that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('a server does not start', () => {
  it.each([
    ['where its configuration is wrong', 'version: 2\n', 2, 'CONFIG_INVALID'],
    [
      'where a webhook is open to everybody',
      hookProject('http://127.0.0.1:1', '{}'),
      2,
      'CONFIG_INVALID',
    ],
    [
      'where no source goes on',
      hookProject('http://127.0.0.1:1').replace(
        /webhook: .*\}/,
        'profiles_sync: { url: "${KEY}", schema: x } } }',
      ),
      2,
      'SERVE_NOTHING',
    ],
  ])('%s', async (_, text, exit, error) => {
    const { root } = makeProject({
      'configs/engage-sync.yaml': text,
      'configs/shoppers.yaml': SHOPPERS,
    })

    const { code, err, out } = await runCommand(['serve'], { cwd: root, env: HOOK_ENV })

    expect([code, out]).toEqual([exit, ''])
    expect(err).toContain(error)
  })

  it('where its port, its lease or its state is not to be had', async () => {
    const { root, write } = project()
    const first = await serveIn(root, { env: HOOK_ENV })
    const other = project().root
    const taken = new URL(first.url).host

    const port = await runCommand(['serve', '--listen', taken], { cwd: other, env: HOOK_ENV })
    const lease = await runCommand(['serve', '--listen', ':0'], { cwd: root, env: HOOK_ENV })
    const free = await runCommand(['run'], { cwd: other, env: HOOK_ENV })
    expect(await first.stop()).toBe(0)
    write('.engage-sync/local/state.sqlite', 'no database')
    const state = await runCommand(['serve', '--listen', ':0'], { cwd: root, env: HOOK_ENV })

    expect([port.code, port.err]).toEqual([2, expect.stringContaining('SERVE_PORT') as string])
    expect([lease.code, lease.err]).toEqual([8, expect.stringContaining('serve') as string])
    expect(free.code).toBe(0)
    expect(state.code).toBe(9)
  })
})

describe('a server that starts by a plan', () => {
  it('does what was reviewed and goes on, or ends with 7', async () => {
    const { root, write } = makeProject({
      'configs/engage-sync.yaml': hookProject(simulator.url).replace(
        /webhook: .*\}/,
        'events: data/*.ndjson } }',
      ),
      'configs/shoppers.yaml': SHOPPERS,
      'data/a.ndjson': `${value('plan1', 1)}\n`,
    })
    const io = { cwd: root, env: HOOK_ENV, now: Date.now }
    expect((await runCommand(['plan', '--out', 'plan.json'], io)).code).toBe(0)
    appendFileSync(join(root, 'data/a.ndjson'), `${value('plan2', 2)}\n`)
    const serving = await serveIn(root, { env: HOOK_ENV, argv: ['--plan', 'plan.json'] })
    await arrives('plan1', 1)
    await arrives('plan2', 2)
    expect(await serving.stop()).toBe(0)

    appendFileSync(join(root, 'data/a.ndjson'), `${value('plan3', 3)}\n`)
    expect((await runCommand(['plan', '--out', 'plan2.json'], io)).code).toBe(0)
    write('configs/shoppers.yaml', SHOPPERS.replace('ltv', 'other'))
    const stale = await serveIn(root, { env: HOOK_ENV, argv: ['--plan', 'plan2.json'] })
    expect(await stale.ended).toBe(7)
    expect(await attributesOf(simulator.url, 'plan3')).toEqual({})
  })
})

describe('while Braze is out of reach, a server', () => {
  it('starts, acknowledges, says why it is not ready, is full in time, and catches up', async () => {
    const port = await freePort()
    const { root } = makeProject({
      'configs/engage-sync.yaml': hookProject(
        `http://127.0.0.1:${port}`,
        undefined,
        '{ max_log: 1KB }',
      ),
      'configs/shoppers.yaml': SHOPPERS,
    })
    const serving = await serveIn(root, { env: HOOK_ENV })
    expect((await serving.post('/segment', value('ada', 1))).status).toBe(200)
    const braze = await vi.waitFor(
      async () => {
        const ready = await serving.get('/readyz')
        const { parts } = (await ready.json()) as { parts: Record<string, unknown> }
        expect([ready.status, parts['braze']]).toMatchObject([503, { ok: false }])
        return parts['braze']
      },
      { timeout: 60_000 },
    )
    let full = await serving.post('/segment', value('bob', 1))
    for (let more = 0; full.status === 200 && more < 20; more++)
      full = await serving.post('/segment', value(`bob${more}`, 1))

    expect(braze).toMatchObject({ reason: { code: 'DESTINATION_UNAVAILABLE' } })
    expect(full.headers.get('retry-after')).toBe('10')
    expect(await full.json()).toMatchObject({ code: 'SERVE_LOG_FULL' })
    expect((await serving.get('/readyz/front')).status).toBe(503)

    const back = await startSimulator({ port, settings: { applyDelayMs: 0 } })
    await vi.waitFor(
      async () => {
        expect((await attributesOf(back.url, 'ada'))['ltv']).toBe(1)
        expect((await serving.post('/segment', value('cyd', 2))).status).toBe(200)
        expect((await serving.get('/readyz')).status).toBe(200)
      },
      { timeout: 60_000, interval: 100 },
    )
    expect(await serving.stop()).toBe(0)
    await back.close()
  })
})

describe('a server that is told to end', () => {
  it('delivers what it acknowledged, and ends with 0', async () => {
    const { root } = project()
    const serving = await serveProcess(root)
    for (let user = 0; user < 5; user++)
      expect((await serving.post('/segment', value(`end${user}`, user))).status).toBe(200)
    serving.child.kill('SIGTERM')

    expect(await serving.ended).toEqual({ code: 0, signal: null })
    expect((await programIn(root)(['run', '--quiet'])).code).toBe(0)
    for (let user = 0; user < 5; user++) await arrives(`end${user}`, user)
  })

  it('twice ends at once, and loses nothing that it acknowledged', async () => {
    const { root } = project()
    const serving = await serveProcess(root)
    for (let user = 0; user < 5; user++) await serving.post('/segment', value(`twice${user}`, 7))
    serving.child.kill('SIGTERM')
    serving.child.kill('SIGINT')
    const { code } = await serving.ended
    expect([0, 130]).toContain(code)

    expect((await programIn(root)(['run', '--quiet', '--wait', '40'])).code).toBe(0)
    for (let user = 0; user < 5; user++) await arrives(`twice${user}`, 7)
  })
})

describe('a server that reads its configuration anew', () => {
  it('works with a new one, keeps the former where that is wrong, and goes on receiving', async () => {
    const { root, write } = project()
    const serving = await serveIn(root, { env: HOOK_ENV })
    write('configs/shoppers.yaml', `${SHOPPERS}audiences: { vip: is_vip }\n`)
    serving.hangUp()
    await vi.waitFor(
      () => expect(serving.err()).toContain('works with the new configuration'),
      10_000,
    )
    await serving.post('/segment', audienceLine('hup', 'vip', true).trim())
    await vi.waitFor(
      async () => expect((await attributesOf(simulator.url, 'hup'))['is_vip']).toBe(true),
      10_000,
    )

    write('configs/shoppers.yaml', `${SHOPPERS}audience: { vip: is_vip }\n`)
    serving.hangUp()
    await vi.waitFor(
      () => expect(serving.err()).toContain('the former configuration is kept'),
      5000,
    )
    const ready = await serving.get('/readyz')
    await serving.post('/segment', audienceLine('hup2', 'vip', true).trim())
    await vi.waitFor(
      async () => expect((await attributesOf(simulator.url, 'hup2'))['is_vip']).toBe(true),
      10_000,
    )

    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({
      parts: { configuration: { ok: true, reason: { code: 'CONFIG_INVALID' } } },
    })
    expect(await serving.stop()).toBe(0)
  })
})

describe('a server follows', () => {
  it('a file in the stead of a webhook', async () => {
    const { root } = project()
    const file = join(root, 'data/more.ndjson')
    mkdirSync(join(root, 'data'))
    writeFileSync(file, `${value('file1', 1)}\n`)
    const serving = await serveIn(root, {
      env: HOOK_ENV,
      argv: ['--follow', 'engage=data/more.ndjson'],
    })
    await arrives('file1', 1)
    appendFileSync(file, `${value('file2', 2)}\n`)
    await arrives('file2', 2)

    expect((await serving.post('/segment', value('file3', 3))).status).toBe(404)
    expect(await serving.stop()).toBe(0)
  })

  it('standard input, and ends with it once all of it has arrived', async () => {
    const { root } = project()
    const stdin = new PassThrough()
    const serving = await serveIn(root, { env: HOOK_ENV, argv: ['--follow', '-'], stdin })
    stdin.write(`${value('pipe1', 1)}\n${value('pipe2', 2).slice(0, 50)}`)
    await arrives('pipe1', 1)
    stdin.end(value('pipe2', 2).slice(50))
    const end = serving.stop
    await vi.waitFor(
      async () => expect((await attributesOf(simulator.url, 'pipe2'))['ltv']).toBe(2),
      10_000,
    )

    expect(await end()).toBe(0)
  })

  it('no source that it does not know', async () => {
    const { root } = project()
    const { code, err } = await runCommand(['serve', '--follow', 'other=a.ndjson'], {
      cwd: root,
      env: HOOK_ENV,
    })

    expect([code, err]).toEqual([2, expect.stringContaining('USAGE_FOLLOW') as string])
  })
})

it('says 503 where a body finds no room on the disk, and goes on with what does', async () => {
  const { root } = project()
  const serving = await serveProcess(root, {
    under: ['bash', '-c', 'ulimit -f 3000; exec "$@"', 'bash'],
  })
  const big = `[${Array.from({ length: 12_000 }, (_, user) => value(`room${user}`, 1)).join(',')}]`
  const full = await serving.post('/segment', big)

  expect([full.status, await full.json()]).toMatchObject([503, { code: 'SERVE_DISK_SHORT' }])
  await vi.waitFor(
    async () => expect((await serving.post('/segment', value('fits', 1))).status).toBe(200),
    { timeout: 60_000, interval: 100 },
  )
  await arrives('fits', 1)
  serving.child.kill('SIGTERM')
  expect(await serving.ended).toMatchObject({ code: 0 })
})
