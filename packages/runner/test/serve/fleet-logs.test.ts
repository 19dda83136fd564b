import { createKafkaLog, createNatsLog } from '@engage-sync/segment'
import { findKafkaMock, findNats, sampled, startKafkaMock, startNats } from '@engage-sync/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { EventLog } from '@engage-sync/core'
import type { KafkaMock, NatsServer } from '@engage-sync/testkit'
import {
  EACH,
  eventsOf,
  expectNoOverlaps,
  frontAndThree,
  sharedProject,
  valueLine,
} from './fleet-project.ts'
import { attributesOf } from './serving.ts'

/** Enough for a machine that is busy: many processes wait for one another. */
const LONG = { timeout: 300_000 }
/** Fronts beside the one that is a process. */
const FRONTS = 3
/** Users of each front: what one appends stays in order. */
const USERS = 5
/** After each value of a front: a load that leaves room for the workers, milliseconds. */
const PAUSE_MS = 25

interface Load {
  /** Appends until it is durable. */
  readonly append: (line: string) => Promise<void>
  readonly name: string
}

/** What was sent under load: the last value of each user, and how many there were. */
class Sent {
  readonly values = new Map<string, number>()
  readonly counts = new Map<string, number>()

  /** One value after another, until told to stop and all users had `least`. */
  async load({ append, name }: Load, stop: AbortSignal, least: number): Promise<void> {
    for (let at = 0; at < least * USERS || !stop.aborted; at++) {
      const user = `${name}_${at % USERS}`
      await append(valueLine(user, at))
      this.values.set(user, at)
      this.counts.set(user, (this.counts.get(user) ?? 0) + 1)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  /** What was sent so far arrives, and more of each front. */
  async expectMore(simulator: string): Promise<void> {
    const before = new Map(this.counts)
    await vi.waitFor(async () => {
      expect(this.counts.size).toBe((FRONTS + 1) * USERS)
      for (const [user, count] of before)
        expect(await eventsOf(simulator, user)).toBeGreaterThan(count)
    }, EACH)
  }

  /** Each value arrived once, and the last one stayed. */
  async expectIn(simulator: string): Promise<void> {
    await vi.waitFor(async () => {
      for (const [user, ltv] of this.values)
        expect([user, (await attributesOf(simulator, user))['ltv']]).toEqual([user, ltv])
    }, EACH)
    const events = new Map<string, number>()
    for (const user of this.counts.keys()) events.set(user, await eventsOf(simulator, user))
    expect(events).toEqual(this.counts)
    await expectNoOverlaps(simulator)
  }
}

/** Until it is acknowledged, as Segment repeats: what was appended twice is a duplicate. */
async function untilDone(attempt: () => Promise<boolean>): Promise<void> {
  while (!(await attempt().catch(() => false))) await new Promise((again) => setTimeout(again, 50))
}

interface Disturbance {
  /** What `serve:` says. */
  readonly serve: string
  /** One more handle on the log, as another front would have it. */
  readonly open: () => EventLog
  /** What happens to the log, one after another. */
  readonly disturb: readonly (() => Promise<void>)[]
}

/** Three workers over a log that is disturbed under load, one of them killed: the end state is that of a calm run. */
async function outlives({ serve, open, disturb }: Disturbance): Promise<void> {
  const { simulator, run, start } = await sharedProject(serve)
  const { front, workers } = await frontAndThree(start)
  const logs = Array.from({ length: FRONTS }, open)
  const sent = new Sent()
  const stop = new AbortController()
  const posted = {
    name: 'posted',
    append: (line: string) =>
      untilDone(async () => (await front.post('/segment', line)).status === 200),
  }
  const appended = logs.map((log, at) => ({
    name: `front_${at}`,
    append: (line: string) => untilDone(() => log.append(Buffer.from(line)).then(() => true)),
  }))
  const loads = [posted, ...appended].map((load) => sent.load(load, stop.signal, 10))

  await sent.expectMore(simulator.url)
  for (const [at, happens] of disturb.entries()) {
    await happens()
    if (at === 0) workers[0].child.kill('SIGKILL')
    await sent.expectMore(simulator.url)
  }
  stop.abort()
  await Promise.all(loads)
  await sent.expectIn(simulator.url)

  for (const log of logs) await log.close()
  for (const one of [...workers.slice(1), front]) {
    one.child.kill('SIGTERM')
    expect(await one.ended).toEqual({ code: 0, signal: null })
  }
  expect((await run('state', 'check')).code).toBe(0)
  expect((await run('run')).code).toBe(0)
  await sent.expectIn(simulator.url)
}

/** Each takes some seconds of many processes. */
const DRAWN = sampled('logs of three workers', ['kafka', 'nats'], 1)

const compiler = findKafkaMock()
const withoutMock = compiler === null ? ' (left out: no librdkafka-dev or C compiler here)' : ''

describe.skipIf(compiler === null || !DRAWN.includes('kafka'))(
  `workers over Kafka, by the protocol of a mock without a disk${withoutMock}`,
  () => {
    let mock: KafkaMock
    beforeAll(async () => {
      mock = await startKafkaMock(compiler ?? '')
    })
    afterAll(() => mock.stop())

    it(
      'lose nothing while leaders move, a broker goes and comes, and one of them is killed',
      LONG,
      async () => {
        const partitions = [0, 1, 2, 3, 4]
        await mock.makeTopic('fleet.engage', partitions.length)
        const brokers = mock.brokers.map((broker) => `'${broker}'`).join(', ')
        await outlives({
          serve: `{ log: { kafka: { brokers: [${brokers}], topic: 'fleet.{source}' } } }`,
          open: () => createKafkaLog({ brokers: mock.brokers, topic: 'fleet.engage' }),
          disturb: [
            async () => {
              for (const partition of partitions) await mock.lead('fleet.engage', partition, 1)
            },
            async () => {
              await mock.turn('down', [1])
              for (const partition of [1, 3]) await mock.lead('fleet.engage', partition, 2)
              await mock.turn('up', [1])
            },
            async () => {
              await mock.turn('down')
              await mock.turn('up')
            },
          ],
        })
      },
    )
  },
)

const program = findNats()
const left = program === null ? ' (left out: no nats-server here; Debian has it)' : ''

describe.skipIf(program === null || !DRAWN.includes('nats'))(
  `workers over NATS JetStream${left}`,
  () => {
    let server: NatsServer
    beforeAll(async () => {
      server = await startNats(program ?? '')
      const connection = await connect({ servers: server.url })
      const manager = await jetstreamManager(connection)
      await manager.streams.add({ name: 'FLEET', subjects: ['FLEET.>'] })
      await connection.close()
    })
    afterAll(() => server.stop())

    it(
      'lose nothing while its server dies and comes back, and one of them is killed',
      LONG,
      async () => {
        const stream = { servers: [server.url], stream: 'FLEET', subject: 'FLEET.engage' }
        await outlives({
          serve: `{ log: { nats: { servers: '${server.url}', stream: FLEET, subject: 'FLEET.{source}' } } }`,
          open: () => createNatsLog(stream),
          disturb: [() => server.crash(), () => server.crash()],
        })
      },
    )
  },
)
