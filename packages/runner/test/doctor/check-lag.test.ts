import { startSimulator } from '@engage-sync/braze-simulator'
import { createNatsLog } from '@engage-sync/segment'
import { findNats, startNats } from '@engage-sync/testkit'
import type { NatsServer } from '@engage-sync/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import { HOOK_ENV, hookProject, serveIn, SHOPPERS } from '../serve/serving.ts'

let simulator: Awaited<ReturnType<typeof startSimulator>>
beforeAll(async () => {
  simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
})
afterAll(() => simulator.close())

const value = (ltv: number) => traitLine('ada', 'lifetime_value', ltv, ltv).trim()

interface Check {
  readonly name: string
  readonly status: string
  readonly message: string
}

function project(configuration: string) {
  const { root, write } = makeProject({
    'configs/engage-sync.yaml': configuration,
    'configs/shoppers.yaml': SHOPPERS,
  })
  const run = (...argv: readonly string[]) =>
    runCommand(argv, { cwd: root, env: HOOK_ENV, now: Date.now })
  const lag = async () => {
    const { code, out } = await run('doctor', '--format', 'json')
    const { checks } = JSON.parse(out) as { readonly checks: readonly Check[] }
    const { status, message } = checks.find(({ name }) => name === 'lag of engage') ?? {}
    return { code, status, message }
  }
  return { root, run, lag, change: (to: string) => write('configs/engage-sync.yaml', to) }
}

it('doctor tells how much of the room for what was received is taken', async () => {
  const { root, run, lag } = project(hookProject(simulator.url, undefined, '{ max_log: 2KB }'))
  expect((await run('run')).code).toBe(0)
  expect(await lag()).toEqual({ code: 0, status: 'ok', message: 'Nothing waits' })
  const serving = await serveIn(root, { env: { KEY: 'refused' } })
  expect((await serving.post('/segment', value(1))).status).toBe(200)
  expect((await serving.post('/segment', value(2))).status).toBe(200)
  expect(await serving.stop()).toBe(0)

  expect(await lag()).toMatchObject({
    status: 'warning',
    message: expect.stringMatching(/ B of the 2\.0 kB it keeps$/u) as string,
  })
})

const program = findNats()
const left = program === null ? ' (left out: no nats-server here; Debian has it)' : ''

describe.skipIf(program === null)(`doctor, of a stream of NATS${left}`, () => {
  let server: NatsServer
  beforeAll(async () => {
    server = await startNats(program ?? '')
    const connection = await connect({ servers: server.url })
    const manager = await jetstreamManager(connection)
    await manager.streams.add({ name: 'LAG', subjects: ['LAG.>'], max_msgs: 10 })
    await manager.streams.add({ name: 'NEXT', subjects: ['NEXT.>'] })
    await connection.close()
  })
  afterAll(() => server.stop())

  it('says how far behind it is, warns before messages are removed, and fails after', async () => {
    const source = `{ nats: { servers: '${server.url}', stream: LAG }, trust: [] }`
    const inSource = hookProject(simulator.url, '{}').replace(
      'engage: { webhook: {} }',
      `engage: ${source}`,
    )
    const { root, run, lag, change } = project(inSource)
    const stream = createNatsLog({ servers: [server.url], stream: 'LAG', subject: 'LAG.a' })
    let ltv = 0
    const append = async (count: number) => {
      for (let at = 0; at < count; at++) await stream.append(Buffer.from(value(++ltv)))
    }
    await append(1)
    expect((await run('run')).code).toBe(0)
    expect(await lag()).toEqual({ code: 0, status: 'ok', message: 'Nothing waits' })
    await append(2)
    expect(await lag()).toMatchObject({ code: 0, status: 'ok' })
    await append(1)

    expect(await lag()).toMatchObject({
      code: 0,
      status: 'warning',
      message: expect.stringMatching(
        /^3 messages behind, .+: 3 messages of the 10 messages/u,
      ) as string,
    })
    await append(10)
    expect(await lag()).toMatchObject({
      code: 1,
      status: 'failed',
      message: 'The limits of the stream removed up to 3 messages before they were read.',
    })
    await stream.close()

    expect(await (await serveIn(root, { env: HOOK_ENV })).stop()).toBe(0)
    change(inSource.replace('stream: LAG', 'stream: NEXT'))
    expect(await lag()).toMatchObject({ code: 2, status: 'failed' })
  })
})
