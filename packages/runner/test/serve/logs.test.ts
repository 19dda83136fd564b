import { startSimulator } from '@engage-sync/braze-simulator'
import { createNatsLog } from '@engage-sync/segment'
import { findNats, startNats } from '@engage-sync/testkit'
import type { NatsServer } from '@engage-sync/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
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
import type { ServingProcess } from './serving.ts'

let simulator: Awaited<ReturnType<typeof startSimulator>>
beforeAll(async () => {
  simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
})
afterAll(() => simulator.close())

const value = (user: string, ltv: number, minute = 0) =>
  traitLine(user, 'lifetime_value', ltv, minute).trim()
const arrives = (user: string, ltv: number) => arrivesAt(simulator.url, user, ['ltv', ltv])

/** A project whose webhook is kept in a log, or whose source is a stream. */
const project = (serve: string, source = '{ webhook: { unsigned: true } }') =>
  makeProject({
    'configs/engage-sync.yaml': hookProject(simulator.url, '{}', serve).replace(
      'engage: { webhook: {} }',
      `engage: ${source}`,
    ),
    'configs/shoppers.yaml': SHOPPERS,
  })

const program = findNats()
const left = program === null ? ' (left out: no nats-server here; Debian has it)' : ''

describe.skipIf(program === null)(`NATS JetStream${left}`, () => {
  let server: NatsServer
  beforeAll(async () => {
    server = await startNats(program ?? '')
    const connection = await connect({ servers: server.url })
    const manager = await jetstreamManager(connection)
    for (const name of ['LOG', 'SOURCE', 'KILLED'])
      await manager.streams.add({ name, subjects: [`${name}.>`] })
    await connection.close()
  })
  afterAll(() => server.stop())

  const logIn = (stream: string) =>
    `{ log: { nats: { servers: '${server.url}', stream: ${stream}, subject: '${stream}.{source}' } } }`

  it('keeps what a webhook receives, says 503 while it is gone, and goes on after', async () => {
    const { root } = project(logIn('LOG'))
    const serving = await serveIn(root, { env: HOOK_ENV })
    expect((await serving.post('/segment', value('nats_1', 1))).status).toBe(200)
    await arrives('nats_1', 1)

    await server.kill()
    const refused = await serving.post('/segment', value('nats_2', 2))
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ code: 'SERVE_LOG_UNWRITABLE' })
    await server.start()
    while ((await serving.post('/segment', value('nats_3', 3))).status !== 200);
    await arrives('nats_3', 3)
    expect(await serving.stop()).toBe(0)

    const plan = await runCommand(['plan', '--format', 'json'], { cwd: root, env: HOOK_ENV })
    expect(plan).toMatchObject({ code: 0 })
    const forgot = await runCommand(['state', 'forget', 'nats_1', '--yes'], {
      cwd: root,
      env: HOOK_ENV,
    })
    expect(forgot.out).toContain('What engage received may still name this user')
  })

  it('is a source that is planned, run to its end, and followed', async () => {
    const source = `{ nats: { servers: '${server.url}', stream: SOURCE }, trust: [] }`
    const { root } = project('{}', source)
    const stream = createNatsLog({ servers: [server.url], stream: 'SOURCE', subject: 'SOURCE.a' })
    await stream.append(Buffer.from(value('nats_5', 5)))

    const options = { cwd: root, env: HOOK_ENV }
    expect((await runCommand(['plan'], options)).out).toContain('1 user')
    expect(await attributesOf(simulator.url, 'nats_5')).toEqual({})
    expect((await runCommand(['run'], options)).code).toBe(0)
    await arrives('nats_5', 5)
    expect((await runCommand(['doctor'], options)).out).toContain('1 message in 1 copy')
    const serving = await serveIn(root, { env: HOOK_ENV })
    await stream.append(Buffer.from(value('nats_5', 6, 1)))
    await arrives('nats_5', 6)

    expect(await serving.stop()).toBe(0)
    await stream.close()
  })

  it.each(['before-append:3', 'before-ack:3', 'in-commit:2', 'after-commit:2'])(
    'a server that is killed at %s over it loses nothing it acknowledged',
    async (killAt) => {
      const { root } = project(logIn('KILLED'))
      const users = [1, 2, 3, 4, 5].map((number) => `nats_${killAt.replace(':', '_')}_${number}`)
      let serving = await serveProcess(root, { killAt, env: HOOK_ENV })
      for (const user of users) {
        while (!(await isAcknowledged(serving, value(user, 7)))) {
          await serving.ended
          serving = await serveProcess(root, { argv: ['--wait', '40'], env: HOOK_ENV })
        }
      }
      const isDead = await Promise.race([
        serving.ended.then(() => true),
        new Promise((resolve) => setTimeout(resolve, 500)),
      ])
      if (isDead === true)
        serving = await serveProcess(root, { argv: ['--wait', '40'], env: HOOK_ENV })

      for (const user of users) await arrives(user, 7)
      serving.child.kill('SIGTERM')
      expect(await serving.ended).toMatchObject({ code: 0 })
    },
    60_000,
  )
})

async function isAcknowledged(serving: ServingProcess, body: string): Promise<boolean> {
  try {
    return (await serving.post('/segment', body)).status === 200
  } catch {
    return false
  }
}
