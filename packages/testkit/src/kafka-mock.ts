import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findProgram } from './find-program.ts'

/** Kafka's protocol without a broker: a mock that keeps nothing on disk. */
export interface KafkaMock {
  readonly brokers: readonly string[]
  makeTopic(name: string, partitions: number): Promise<void>
  /** Takes brokers down, or up again with what they had. @param brokers - 1 to 3. Default: all */
  turn(how: 'down' | 'up', brokers?: readonly number[]): Promise<void>
  /** Has another broker lead a partition. @param broker - 1 to 3 */
  lead(topic: string, partition: number, broker: number): Promise<void>
  stop(): Promise<void>
}

const SOURCE = new URL('./kafka-mock.c', import.meta.url)
const HEADER = '/usr/include/librdkafka/rdkafka_mock.h'
const BROKERS = [1, 2, 3]

/** The C compiler, or null where it or librdkafka is not installed: npm has neither. */
export function findKafkaMock(): string | null {
  return existsSync(HEADER) ? findProgram('cc') : null
}

/** Compiles and starts the mock. It ends with the test process. @param compiler - see `findKafkaMock` */
export async function startKafkaMock(compiler: string): Promise<KafkaMock> {
  const directory = await mkdtemp(join(tmpdir(), 'engage-sync-kafka-'))
  const program = join(directory, 'kafka-mock')
  execFileSync(compiler, ['-o', program, SOURCE.pathname, '-lrdkafka'])
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'ignore'] })
  child.unref()
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const brokers = String((await lines.next()).value).split(',')
  const say = async (line: string) => {
    child.stdin.write(`${line}\n`)
    await lines.next()
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    brokers,
    makeTopic: (name, partitions) => say(`topic ${name} ${partitions}`),
    lead: (topic, partition, broker) => say(`leader ${topic} ${partition} ${broker}`),
    turn: async (how, which = BROKERS) => {
      for (const broker of which) await say(`${how} ${broker}`)
    },
    stop: async () => {
      child.stdin.end()
      await ended
      await rm(directory, { recursive: true, force: true })
    },
  }
}
