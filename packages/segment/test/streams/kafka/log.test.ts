import { setTimeout as sleep } from 'node:timers/promises'
import { eventLogContract, findKafkaMock, recordsOf, startKafkaMock } from '@engage-sync/testkit'
import type { SourcePosition } from '@engage-sync/contract'
import type { KafkaMock } from '@engage-sync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKafkaLog } from '../../../src/streams/kafka/log.ts'

const forever = new AbortController().signal
const compiler = findKafkaMock()
const left = compiler === null ? ' (left out: no librdkafka-dev or C compiler here)' : ''

describe.skipIf(compiler === null)(
  `a log in Kafka, over the protocol of a mock without a disk${left}`,
  () => {
    let mock: KafkaMock
    beforeAll(async () => {
      mock = await startKafkaMock(compiler ?? '')
    })
    afterAll(() => mock.stop())

    let topics = 0
    const makeTopic = async (partitions: number) => {
      const topic = `topic_${++topics}`
      await mock.makeTopic(topic, partitions)
      return topic
    }
    const open = (topic: string) => createKafkaLog({ brokers: mock.brokers, topic })

    eventLogContract('a log in Kafka', async () => {
      const topic = await makeTopic(3)
      return { isShared: true, open: async () => open(topic), close: async () => undefined }
    })

    it('gives by time what is more than brokers give of a partition at once', async () => {
      const topic = await makeTopic(8)
      const writers = [open(topic), open(topic), open(topic)]
      const texts = Array.from({ length: 48 }, (_, at) => `{"n":${at},"x":"${'x'.repeat(1e5)}"}`)
      for (const [at, text] of texts.entries()) {
        await writers[Math.floor(at / 8) % writers.length]?.append(Buffer.from(text))
        // Clocks count in milliseconds.
        if (at % 8 === 7) await sleep(2)
      }

      const given: string[] = []
      for await (const chunk of open(topic).read(null, new AbortController().signal))
        given.push(...recordsOf(chunk).map((text) => text.slice(0, 8)))
      expect(given).toEqual(texts.map((text) => text.slice(0, 8)))
      for (const writer of writers) await writer.close()
    })

    it('loses nothing it acknowledged when its brokers go away under load, and come back', async () => {
      const log = open(await makeTopic(3))
      const stop = new AbortController()
      const given: number[] = []
      const acknowledged: number[] = []
      const following = (async () => {
        for await (const chunk of log.follow(null, stop.signal))
          given.push(...recordsOf(chunk).map(Number))
      })()
      let next = 0
      const append = async () => {
        const number = ++next
        await log.append(Buffer.from(String(number))).then(
          () => acknowledged.push(number),
          () => undefined,
        )
      }
      const appendFor = async (rounds: number) => {
        for (let round = 0; round < rounds; round++)
          await Promise.all(Array.from({ length: 5 }, append))
      }
      await appendFor(20)
      await mock.turn('down')
      await append()
      await mock.turn('up')
      while (acknowledged.length < 150) await appendFor(2)
      while (!acknowledged.every((number) => given.includes(number)))
        await new Promise((resolve) => setTimeout(resolve, 50))
      stop.abort()
      await following
      await log.close()

      expect(acknowledged.length).toBeGreaterThanOrEqual(150)
    })

    it('reads a topic of another cluster from its beginning, and tells of it', async () => {
      const topic = await makeTopic(2)
      const log = open(topic)
      for (const text of ['1', '2', '3']) await log.append(Buffer.from(text))
      const other = await startKafkaMock(compiler ?? '')
      await other.makeTopic(topic, 2)
      const there = createKafkaLog({ brokers: other.brokers, topic })
      for (const text of ['4', '5', '6', '7']) await there.append(Buffer.from(text))
      let before: SourcePosition = null
      for await (const { position } of log.read(null, forever)) before = position

      const records: string[] = []
      const rejected: string[] = []
      let after: SourcePosition = null
      for await (const chunk of there.read(before, forever)) {
        records.push(...recordsOf(chunk))
        rejected.push(...chunk.rejected.map(({ code }) => code))
        after = chunk.position
      }

      expect(records).toEqual(['4', '5', '6', '7'])
      expect(rejected).toEqual(['SOURCE_GONE'])
      expect((await there.lag(before)).bytes).toBeGreaterThan(0)
      expect(there.earliest?.([before, after])).toEqual({ partitions: {} })
      await log.close()
      await there.close()
      await other.stop()
    })

    it('says that nobody answers, and which topic there is not', async () => {
      const nobody = createKafkaLog({ brokers: ['127.0.0.1:1'], topic: 'x', appendMs: 300 })

      await expect(nobody.append(Buffer.from('1'))).rejects.toMatchObject({
        code: 'SOURCE_UNAVAILABLE',
      })
      await nobody.close()
    })
  },
)
