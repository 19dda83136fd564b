import type { RawChunk, SourcePosition } from '@engage-sync/contract'
import { findNats, recordsOf, startNats } from '@engage-sync/testkit'
import type { NatsServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createNatsSource } from '../../../src/streams/nats/source.ts'
import { makeStream, withJetStream } from './nats-stream.ts'

const program = findNats()
const left = program === null ? ' (left out: no nats-server here; Debian has it)' : ''
const forever = new AbortController().signal

interface Read {
  readonly records: readonly string[]
  readonly rejected: readonly string[]
  readonly position: SourcePosition | null
}

async function readAll(chunks: AsyncIterable<RawChunk>): Promise<Read> {
  const records: string[] = []
  const rejected: string[] = []
  let position: SourcePosition | null = null
  for await (const chunk of chunks) {
    records.push(...recordsOf(chunk))
    rejected.push(...chunk.rejected.map(({ code }) => code))
    position = chunk.position
  }
  return { records, rejected, position }
}

describe.skipIf(program === null)(`a stream of NATS as a source${left}`, () => {
  let server: NatsServer
  beforeAll(async () => {
    server = await startNats(program ?? '')
  })
  afterAll(() => server.stop())

  const source = (stream: string, subject?: string) =>
    createNatsSource({ servers: [server.url], stream, ...(subject !== undefined && { subject }) })

  const publishAll = (subject: string, texts: readonly string[]) =>
    withJetStream(server, async ({ publish }) => {
      for (const text of texts) await publish(subject, text)
    })
  const numbers = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, at) => String(from + at))

  it('ends where the rest was removed while it was read, and gives what came with it', async () => {
    const stream = await makeStream(server)
    const text = JSON.stringify({ text: 'x'.repeat(2000) })
    await withJetStream(server, async ({ publish }) => {
      for (let sent = 0; sent < 4000; sent += 500)
        await Promise.all(Array.from({ length: 500 }, () => publish(`${stream}.a`, text)))
    })

    let count = 0
    for await (const chunk of source(stream).read(null, forever)) {
      if (count === 0)
        await withJetStream(
          server,
          async ({ manager }) => void (await manager.streams.purge(stream)),
        )
      count += chunk.count
    }
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThan(4000)
  })

  it('gives the subjects it is to, and passes the others', async () => {
    const stream = await makeStream(server)
    await withJetStream(server, async ({ publish }) => {
      for (const [at, subject] of ['a', 'b', 'a', 'b', 'b'].entries())
        await publish(`${stream}.${subject}`, String(at))
    })

    const first = await readAll(source(stream, `${stream}.a`).read(null, forever))
    expect(first.records).toEqual(['0', '2'])
    const again = await readAll(source(stream, `${stream}.a`).read(first.position, forever))
    expect(again.records).toEqual([])
    expect(again.position).toMatchObject({ sequence: 5 })
    await withJetStream(server, ({ publish }) => publish(`${stream}.a`, '5'))

    expect(
      (await readAll(source(stream, `${stream}.a`).read(again.position, forever))).records,
    ).toEqual(['5'])
  })

  it('tells of what the limits of the stream removed before it was read', async () => {
    const stream = await makeStream(server, { max_msgs: 3 })
    await withJetStream(server, ({ publish }) => publish(`${stream}.a`, '1'))
    const { position } = await readAll(source(stream).read(null, forever))
    await publishAll(`${stream}.a`, numbers(2, 6))

    const rest = await readAll(source(stream).read(position, forever))

    expect(rest).toMatchObject({ records: ['4', '5', '6'], rejected: ['SOURCE_GONE'] })
    expect(await readAll(source(stream).read(rest.position, forever))).toMatchObject({
      records: [],
      rejected: [],
    })
  })

  it('passes over nothing where a server gives sequences again that were read before', async () => {
    const stream = await makeStream(server)
    await publishAll(`${stream}.a`, numbers(1, 4))
    const { position } = await readAll(source(stream).read(null, forever))
    await withJetStream(server, async ({ publish, manager }) => {
      await manager.streams.delete(stream)
      await manager.streams.add({ name: stream, subjects: [`${stream}.>`] })
      for (let at = 5; at <= 9; at++) await publish(`${stream}.a`, String(at))
    })

    expect(await readAll(source(stream).read(position, forever))).toMatchObject({
      records: ['5', '6', '7', '8', '9'],
      rejected: ['SOURCE_GONE'],
      position: { sequence: 5 },
    })
  })

  it('reads a stream from its beginning that was made anew, or of which other subjects were read', async () => {
    const stream = await makeStream(server)
    await publishAll(`${stream}.a`, ['1', '2'])
    await publishAll(`${stream}.b`, ['3', '4'])
    const first = await readAll(source(stream, `${stream}.a`).read(null, forever))
    expect(first).toMatchObject({ records: ['1', '2'], rejected: [] })

    const wider = await readAll(source(stream).read(first.position, forever))
    expect(wider).toMatchObject({ records: ['1', '2', '3', '4'], rejected: ['SOURCE_GONE'] })
    await withJetStream(server, async ({ manager }) => {
      await manager.streams.delete(stream)
      await manager.streams.add({ name: stream, subjects: [`${stream}.>`], max_msgs: 2 })
    })
    await publishAll(`${stream}.a`, numbers(5, 10))

    const anew = await readAll(source(stream).read(wider.position, forever))
    expect(anew).toMatchObject({ records: ['9', '10'], rejected: ['SOURCE_GONE'] })
    const { earliest } = source(stream)
    const both = earliest?.([wider.position, anew.position]) ?? null
    expect((await readAll(source(stream).read(both, forever))).records).toEqual(['9', '10'])
  })

  it('follows a stream that is made anew, and tells of it', async () => {
    const stream = await makeStream(server)
    await publishAll(`${stream}.a`, numbers(1, 3))
    const stop = new AbortController()
    const records: string[] = []
    const rejected: string[] = []
    for await (const chunk of source(stream).follow(null, stop.signal)) {
      records.push(...recordsOf(chunk))
      rejected.push(...chunk.rejected.map(({ code }) => code))
      if (records.at(-1) === '3')
        await withJetStream(server, async ({ publish, manager }) => {
          await manager.streams.delete(stream)
          await manager.streams.add({ name: stream, subjects: [`${stream}.>`] })
          await publish(`${stream}.a`, '4')
        })
      if (records.at(-1) === '4') stop.abort()
    }

    expect({ records, rejected }).toEqual({
      records: ['1', '2', '3', '4'],
      rejected: ['SOURCE_GONE'],
    })
  })

  it('tells of what the limits removed while it was followed more slowly than it grew', async () => {
    const stream = await makeStream(server, { max_msgs: 50 })
    await publishAll(`${stream}.a`, ['1'])
    const stop = new AbortController()
    const records: string[] = []
    const rejected: string[] = []
    for await (const chunk of source(stream).follow(null, stop.signal)) {
      records.push(...recordsOf(chunk))
      rejected.push(...chunk.rejected.map(({ message }) => message))
      // More than the server sends ahead.
      if (records.length === 1) await publishAll(`${stream}.a`, numbers(2, 2500))
      if (records.at(-1) === '2500') stop.abort()
    }

    const told = rejected.map((message) => Number(/up to (\d+) messages/u.exec(message)?.[1]))
    const missing = 2500 - new Set(records).size
    expect(missing).toBeGreaterThan(0)
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(missing)
  })

  it('says how much of what the stream keeps is not read yet, and what is gone', async () => {
    const max_age = 3_600_000 * 1_000_000
    const stream = await makeStream(server, { max_msgs: 8, max_bytes: 100_000, max_age })
    await publishAll(`${stream}.a`, ['1', '2'])
    const { position } = await readAll(source(stream).read(null, forever))
    await publishAll(`${stream}.a`, numbers(3, 6))
    const { standing } = source(stream)

    const some = await standing?.(position, forever)
    expect(some).toMatchObject({ gone: null, messages: 4 })
    expect(some?.limits).toMatchObject([
      { unit: 'milliseconds', keeps: 3_600_000 },
      { unit: 'bytes', keeps: 100_000 },
      { unit: 'messages', behind: 4, keeps: 8 },
    ])
    await publishAll(`${stream}.a`, numbers(7, 16))
    expect(await standing?.(position, forever)).toMatchObject({
      gone: 'The limits of the stream removed up to 6 messages before they were read.',
      messages: 8,
    })
  })

  it('looks at what a stream may lose', async () => {
    const inMemory = await makeStream(server, { storage: 'memory' as never })

    expect(await source(inMemory).check?.(forever)).toMatchObject({
      message: '0 messages in 1 copy',
      hint: expect.stringContaining('kept in memory') as string,
    })
  })

  it('says what is wrong with a stream, a server and a password', async () => {
    const fails = (read: AsyncIterable<RawChunk>) => readAll(read).catch((error: unknown) => error)
    const nobody = createNatsSource({ servers: ['nats://127.0.0.1:1'], stream: 'X' })
    const locked = await startNats(program ?? '', 'authorization { user: u, password: secret }')
    const wrong = createNatsSource({
      servers: [locked.url],
      stream: 'X',
      user: 'u',
      password: 'another-secret',
    })

    expect(await fails(source('NONE').read(null, forever))).toMatchObject({
      code: 'SOURCE_REQUEST',
    })
    expect(await fails(nobody.read(null, forever))).toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
    const refused = await fails(wrong.read(null, forever))
    expect(refused).toMatchObject({ code: 'SOURCE_AUTH' })
    expect(String((refused as Error).stack)).not.toContain('another-secret')
    expect(await fails(source('X').read([{ path: 'a' }], forever))).toMatchObject({
      code: 'SOURCE_POSITION',
    })
    await locked.stop()
  })
})
