import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSimulator } from '@engage-sync/braze-simulator'
import type { NormalisedEnvironment } from '@engage-sync/core'
import { createKafkaLog, createNatsLog } from '@engage-sync/segment'
import {
  findKafkaMock,
  findNats,
  startKafkaMock,
  startNats,
  startPostgres,
} from '@engage-sync/testkit'
import type { KafkaMock, NatsServer, PostgresServer } from '@engage-sync/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLog } from '../../src/adapters/open-log.ts'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import {
  arrives as arrivesAt,
  attributesOf,
  HOOK_ENV,
  hookProject,
  postUntilTaken,
  serveIn,
  SHOPPERS,
} from './serving.ts'

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
    for (const name of ['LOG', 'SOURCE', 'LEFT'])
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
    const large = JSON.stringify({ text: 'x'.repeat(1_100_000) })
    const tooLarge = await serving.post('/segment', large)
    expect(tooLarge.status).toBe(503)
    expect(await tooLarge.json()).toMatchObject({ code: 'SERVE_RECORD_TOO_LARGE' })
    expect((await serving.post('/segment', value('nats_0', 0))).status).toBe(200)

    await server.kill()
    const refused = await serving.post('/segment', value('nats_2', 2))
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ code: 'SERVE_LOG_UNWRITABLE' })
    await server.start()
    await postUntilTaken(serving, value('nats_3', 3))
    await arrives('nats_3', 3)
    expect(await serving.stop()).toBe(0)

    const plan = await runCommand(['plan', '--format', 'json'], { cwd: root, env: HOOK_ENV })
    expect(plan).toMatchObject({ code: 0 })
    const forgot = await runCommand(['state', 'forget', 'nats_1', '--yes'], {
      cwd: root,
      env: HOOK_ENV,
    })
    expect(forgot.out).toContain('Erased 1 record that was received.')
  })

  it('is not left for another log before somebody says that all of it was worked on', async () => {
    const { root, write } = project(logIn('LEFT'))
    // Nothing is worked on, so that no position says where what was acknowledged waits.
    const serving = await serveIn(root, { env: { ...HOOK_ENV, KEY: 'refused' } })
    expect((await serving.post('/segment', value('nats_8', 8))).status).toBe(200)
    expect(await serving.stop()).toBe(0)

    const options = { cwd: root, env: HOOK_ENV }
    const file = 'configs/engage-sync.yaml'
    const former = readFileSync(join(root, file), 'utf8')
    write(file, hookProject(simulator.url))
    const refused = await runCommand(['serve', '--listen', '127.0.0.1:0'], options)
    expect(refused).toMatchObject({ code: 2 })
    expect(refused.err).toContain('SERVE_LOG_CHANGED')

    write(file, former)
    expect(await runCommand(['run'], options)).toMatchObject({ code: 0 })
    await arrives('nats_8', 8)
    write(file, hookProject(simulator.url))
    const other = await serveIn(root, { env: HOOK_ENV, argv: ['--leave-log'] })
    await other.post('/segment', value('nats_8', 9, 1))
    await arrives('nats_8', 9)
    expect(await other.stop()).toBe(0)
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
})

const compiler = findKafkaMock()
const withoutMock = compiler === null ? ' (left out: no librdkafka-dev or C compiler here)' : ''

describe.skipIf(compiler === null)(
  `Kafka, over the protocol of a mock without a disk${withoutMock}`,
  () => {
    let mock: KafkaMock
    beforeAll(async () => {
      mock = await startKafkaMock(compiler ?? '')
      for (const topic of ['log.engage', 'source']) await mock.makeTopic(topic, 3)
    })
    afterAll(() => mock.stop())

    const brokers = () => `[${mock.brokers.map((broker) => `'${broker}'`).join(', ')}]`
    const inKafka = () => `{ log: { kafka: { brokers: ${brokers()}, topic: 'log.{source}' } } }`

    it('keeps what a webhook receives', async () => {
      const { root } = project(inKafka())
      const serving = await serveIn(root, { env: HOOK_ENV })
      expect((await serving.post('/segment', value('kafka_1', 1))).status).toBe(200)
      await arrives('kafka_1', 1)
      expect(await serving.stop()).toBe(0)

      const forget = ['state', 'forget', 'kafka_1', '--yes']
      const { out } = await runCommand(forget, { cwd: root, env: HOOK_ENV })
      expect(out).toContain('What engage received may still name this user')
    })

    it('is a source that is planned, run to its end, and followed', async () => {
      const { root } = project('{}', `{ kafka: { brokers: ${brokers()}, topic: source } }`)
      const topic = createKafkaLog({ brokers: mock.brokers, topic: 'source' })
      await topic.append(Buffer.from(value('kafka_5', 5)))

      const options = { cwd: root, env: HOOK_ENV }
      expect((await runCommand(['plan'], options)).out).toContain('1 user')
      expect((await runCommand(['run'], options)).code).toBe(0)
      await arrives('kafka_5', 5)
      expect((await runCommand(['doctor'], options)).out).toContain('3 partitions in 3 copies')
      const serving = await serveIn(root, { env: HOOK_ENV })
      await topic.append(Buffer.from(value('kafka_5', 6, 1)))
      await arrives('kafka_5', 6)

      expect(await serving.stop()).toBe(0)
      await topic.close()
    })
  },
)

describe('a log in PostgreSQL', () => {
  let server: PostgresServer
  let databases = 0
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  const inPostgres = () => {
    const { root, write } = makeProject({ 'configs/shoppers.yaml': SHOPPERS })
    const url = `${server.url}?schema=s${++databases}`
    const text = hookProject(simulator.url, undefined, '{ log: postgres }')
    write('configs/engage-sync.yaml', `${text}    state: { url: '\${DATABASE_URL}' }\n`)
    return { root, env: { ...HOOK_ENV, DATABASE_URL: url } }
  }

  it('keeps what a webhook receives, erases a user there, and goes on after a restart', async () => {
    const { root, env } = inPostgres()
    expect((await runCommand(['state', 'init'], { cwd: root, env })).code).toBe(0)
    const serving = await serveIn(root, { env })
    expect((await serving.post('/segment', value('pg_1', 1))).status).toBe(200)
    await arrives('pg_1', 1)
    await server.restart('fast')
    await postUntilTaken(serving, value('pg_2', 2))
    await arrives('pg_2', 2)
    expect(await serving.stop()).toBe(0)

    expect((await runCommand(['plan'], { cwd: root, env })).code).toBe(0)
    const forgot = await runCommand(['state', 'forget', 'pg_1', '--yes'], { cwd: root, env })
    expect(forgot.out).toContain('Erased 1 record that was received.')
  })

  it('brings in what the former log still holds, from the spool and back', async () => {
    const { root, env } = inPostgres()
    expect((await runCommand(['state', 'init'], { cwd: root, env })).code).toBe(0)
    const file = join(root, 'configs/engage-sync.yaml')
    const text = readFileSync(file, 'utf8')
    const place = { directory: join(root, '.engage-sync/local'), name: 'engage' }
    const postgres = { postgres: { retentionMs: Infinity } } as const
    for (const [at, log] of ['spool', 'postgres', 'spool', 'postgres'].entries()) {
      writeFileSync(file, text.replace('log: postgres', `log: ${log}`))
      const serving = await serveIn(root, { env })
      if (at > 0) await arrives(`left_${at - 1}`, 1)
      expect((await serving.post('/segment', value(`taken_${at}`, 1))).status).toBe(200)
      await arrives(`taken_${at}`, 1)
      expect(await serving.stop()).toBe(0)
      // Received by a server that died before it worked on it.
      const left = await openLog(
        {
          serve: { log: log === 'spool' ? log : postgres } as NormalisedEnvironment['serve'],
          state: { url: env.DATABASE_URL } as NormalisedEnvironment['state'],
        },
        place,
      )
      await left.append(Buffer.from(value(`left_${at}`, 1)))
      await left.close()
    }
    // The tables stay where they were given up, and so would whom they name.
    writeFileSync(file, text.replace('log: postgres', 'log: spool'))
    const forgot = await runCommand(['state', 'forget', 'taken_1', '--yes'], { cwd: root, env })
    expect(forgot.out).toContain('Erased 1 record that was received.')
  })
})
