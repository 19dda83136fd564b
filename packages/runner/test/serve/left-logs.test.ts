import { startSimulator } from '@engage-sync/braze-simulator'
import { createNatsLog } from '@engage-sync/segment'
import { findNats, startNats, startPostgres } from '@engage-sync/testkit'
import type { NatsServer } from '@engage-sync/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import { arrives as arrivesAt, HOOK_ENV, hookProject, serveIn, SHOPPERS } from './serving.ts'

let simulator: Awaited<ReturnType<typeof startSimulator>>
beforeAll(async () => {
  simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
})
afterAll(() => simulator.close())

const value = (user: string, ltv: number, minute = 0) =>
  traitLine(user, 'lifetime_value', ltv, minute).trim()
const arrives = (user: string, ltv: number) => arrivesAt(simulator.url, user, ['ltv', ltv])

const program = findNats()
const left = program === null ? ' (left out: no nats-server here; Debian has it)' : ''

describe.skipIf(program === null)(`a log that is left for another one${left}`, () => {
  let server: NatsServer
  beforeAll(async () => {
    server = await startNats(program ?? '')
    const connection = await connect({ servers: server.url })
    const manager = await jetstreamManager(connection)
    for (const name of ['ONE', 'OTHER'])
      await manager.streams.add({ name, subjects: [`${name}.>`] })
    await connection.close()
  })
  afterAll(() => server.stop())

  /** What nobody answers at. */
  const NOBODY = 'nats://127.0.0.1:1'
  const source = (stream: string, servers: readonly string[] = [server.url]) =>
    `{ nats: { servers: [${servers.map((one) => `'${one}'`).join(', ')}], stream: ${stream} }, trust: [] }`
  const withSource = (text: string) =>
    hookProject(simulator.url, '{}').replace('engage: { webhook: {} }', `engage: ${text}`)
  const project = (text: string) => {
    const { root, write } = makeProject({
      'configs/engage-sync.yaml': text,
      'configs/shoppers.yaml': SHOPPERS,
    })
    const serve = (options: Parameters<typeof serveIn>[1] = {}) =>
      serveIn(root, { env: HOOK_ENV, ...options })
    const refused = async () => {
      const argv = ['serve', '--listen', '127.0.0.1:0']
      const { code, err } = await runCommand(argv, { cwd: root, env: HOOK_ENV })
      expect({ code, isTold: err.includes('SERVE_LOG_CHANGED') }).toEqual({ code: 2, isTold: true })
      return err
    }
    return { root, serve, refused, change: (to: string) => write('configs/engage-sync.yaml', to) }
  }
  const append = async (stream: string, line: string) => {
    const log = createNatsLog({ servers: [server.url], stream, subject: `${stream}.a` })
    await log.append(Buffer.from(line))
    await log.close()
  }

  it('is told of a source that follows another stream, before and after the first window', async () => {
    const { serve, refused, change } = project(withSource(source('ONE')))
    const stopped = await serve({ env: { KEY: 'refused' } })
    expect(await stopped.stop()).toBe(0)
    change(withSource(source('OTHER')))
    expect(await refused()).toContain('nats (stream ONE)')
    change(withSource(source('ONE')))
    await append('ONE', value('left_1', 1))
    const first = await serve()
    await arrives('left_1', 1)
    expect(await first.stop()).toBe(0)

    await append('OTHER', value('left_2', 2))
    change(withSource(source('OTHER')))
    await refused()
    const other = await serve({ argv: ['--leave-log'] })
    await arrives('left_2', 2)
    expect(await other.stop()).toBe(0)
    expect(await (await serve()).stop()).toBe(0)
  })

  it('is told of servers none of which is known, and not of some more', async () => {
    const { serve, refused, change } = project(withSource(source('ONE')))
    expect(await (await serve()).stop()).toBe(0)

    change(withSource(source('ONE', [NOBODY])))
    expect(await refused()).toContain('on other servers')
    change(withSource(source('ONE', [server.url, NOBODY])))
    expect(await (await serve()).stop()).toBe(0)
  })

  it('is told of a source that is a webhook from now on, and of one that was', async () => {
    const { serve, refused, change } = project(withSource(source('ONE')))
    expect(await (await serve()).stop()).toBe(0)

    change(hookProject(simulator.url))
    await refused()
    const hook = await serve({ argv: ['--leave-log'] })
    await hook.post('/segment', value('left_3', 3))
    await arrives('left_3', 3)
    expect(await hook.stop()).toBe(0)
    await append('ONE', value('left_4', 4))
    change(withSource(source('ONE')))
    await refused()
    const again = await serve({ argv: ['--leave-log'] })
    await arrives('left_4', 4)
    expect(await again.stop()).toBe(0)
  })

  it('is noted by a front alone, before anybody worked', async () => {
    const database = await startPostgres()
    onTestFinished(() => database.stop())
    const env = { ...HOOK_ENV, DATABASE_URL: database.url }
    const into = (subject: string) =>
      `${hookProject(
        simulator.url,
        undefined,
        `{ log: { nats: { servers: '${server.url}', stream: ONE, subject: ${subject} } } }`,
      )}    state: { url: '\${DATABASE_URL}' }\n`
    const { root, change } = project(into('ONE.front'))
    const options = { cwd: root, env }
    expect((await runCommand(['state', 'init'], options)).code).toBe(0)
    const front = await serveIn(root, { env, argv: ['--role', 'front'] })
    expect((await front.post('/segment', value('left_5', 5))).status).toBe(200)
    expect(await front.stop()).toBe(0)

    change(into('ONE.another'))
    for (const role of ['front', 'worker', 'all']) {
      const argv = ['serve', '--role', role, '--listen', '127.0.0.1:0']
      const { code, err } = await runCommand(argv, options)
      expect([role, code, err.includes('SERVE_LOG_CHANGED')]).toEqual([role, 2, true])
    }
  })
})
