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
import { HOOK_ENV } from '../serving.ts'

/** What a server keeps what it receives in. */
export type LogName = 'spool' | 'postgres' | 'nats' | 'kafka'

/** Where one server, or one fleet, keeps everything: nobody else's. */
export interface Place {
  /** YAML of `serve:`. */
  readonly serve: string
  /** YAML of `state:`; null for a SQLite file. */
  readonly state: string | null
  readonly env: Readonly<Record<string, string>>
}

/** The logs that can be tried here; the others want a program that npm does not have. */
export const LOGS: readonly LogName[] = (['spool', 'postgres', 'nats', 'kafka'] as const).filter(
  (log) => {
    if (log === 'nats') return findNats() !== null
    return log !== 'kafka' || findKafkaMock() !== null
  },
)

/** The servers that logs and states are on: one of each, started when it is needed first. */
export class Servers {
  #postgres: Promise<PostgresServer> | null = null
  #nats: Promise<NatsServer> | null = null
  #kafka: Promise<KafkaMock> | null = null
  #places = 0

  /** @param workers - one keeps its state in SQLite, unless its log is in PostgreSQL */
  async place(log: LogName, workers: number): Promise<Place> {
    const name = `p${++this.#places}`
    const isShared = log === 'postgres' || workers > 1
    const serve = await this.#serve(log, name)
    if (!isShared) return { serve, state: null, env: HOOK_ENV }
    const { url } = await (this.#postgres ??= startPostgres())
    const env = { ...HOOK_ENV, DATABASE_URL: `${url}?schema=${name}` }
    return { serve, state: "{ url: '${DATABASE_URL}' }", env }
  }

  async stop(): Promise<void> {
    await (await this.#postgres)?.stop()
    await (await this.#nats)?.stop()
    await (await this.#kafka)?.stop()
  }

  async #serve(log: LogName, name: string): Promise<string> {
    if (log === 'nats') {
      const { url } = await (this.#nats ??= startNats(findNats() ?? ''))
      const connection = await connect({ servers: url })
      const manager = await jetstreamManager(connection)
      await manager.streams.add({ name, subjects: [`${name}.>`] })
      await connection.close()
      return `{ log: { nats: { servers: '${url}', stream: ${name}, subject: '${name}.{source}' } } }`
    }
    if (log === 'kafka') {
      const mock = await (this.#kafka ??= startKafkaMock(findKafkaMock() ?? ''))
      // Each front writes to one partition: with one alone, what two of them kept stays in its order.
      await mock.makeTopic(`${name}.engage`, 1)
      const brokers = mock.brokers.map((broker) => `'${broker}'`).join(', ')
      return `{ log: { kafka: { brokers: [${brokers}], topic: '${name}.{source}' } } }`
    }
    return log === 'postgres' ? '{ log: postgres }' : '{}'
  }
}
