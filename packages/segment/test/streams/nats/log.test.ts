import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventLogContract, findNats, recordsOf, startNats } from '@engage-sync/testkit'
import type { SourcePosition } from '@engage-sync/contract'
import type { NatsServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createNatsLog } from '../../../src/streams/nats/log.ts'
import { makeStream } from './nats-stream.ts'

const program = findNats()
const forever = new AbortController().signal
const left = program === null ? ' (left out: no nats-server here; Debian has it)' : ''

describe.skipIf(program === null)(`a log in NATS JetStream${left}`, () => {
  let server: NatsServer
  beforeAll(async () => {
    server = await startNats(program ?? '')
  })
  afterAll(() => server.stop())

  const open = (stream: string, url = server.url) =>
    createNatsLog({ servers: [url], stream, subject: `${stream}.received` })

  eventLogContract('a log in NATS', async () => {
    const stream = await makeStream(server)
    return {
      isShared: true,
      hint: /three replicas/u,
      open: async () => open(stream),
      network: {
        port: server.port,
        open: async (port) => open(stream, `nats://127.0.0.1:${port}`),
      },
      close: async () => undefined,
    }
  })

  it('loses nothing it acknowledged, and gives nothing twice, when its server is killed under load', async () => {
    const stream = await makeStream(server)
    const log = open(stream)
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
        await Promise.all(Array.from({ length: 20 }, append))
    }
    await appendFor(20)
    const [, ,] = await Promise.all([appendFor(20), server.crash()])
    await Promise.all([appendFor(20), server.crash()])
    await appendFor(5)
    while (!acknowledged.every((number) => given.includes(number)))
      await new Promise((resolve) => setTimeout(resolve, 50))
    stop.abort()
    await following
    await log.close()

    expect(acknowledged.length).toBeGreaterThan(1000)
    expect(new Set(given).size).toBe(given.length)
  })

  it('goes on behind a last message that was erased, and says where nothing may be erased', async () => {
    const stream = await makeStream(server)
    const log = open(stream)
    for (const userId of ['bob', 'ada']) await log.append(Buffer.from(JSON.stringify({ userId })))
    let end: SourcePosition = null
    for await (const { position } of log.read(null, forever)) end = position

    expect(await log.erase?.(['ada'], end)).toEqual({ erased: 1, left: 0 })
    const after: unknown[] = []
    for await (const chunk of log.read(end, forever))
      after.push(...recordsOf(chunk), ...chunk.rejected)
    expect(after).toEqual([])

    const kept = open(await makeStream(server, { deny_delete: true }))
    await kept.append(Buffer.from('{"userId":"ada"}'))
    expect(await kept.erase?.(['ada'], null)).toBeNull()
    await log.close()
    await kept.close()
  })

  it.each([
    ['interest', { retention: 'interest' }, /retention/u],
    ['work queue', { retention: 'workqueue' }, /retention/u],
    ['a message of each subject', { max_msgs_per_subject: 1 }, /max_msgs_per_subject/u],
    ['no acknowledgements', { no_ack: true }, /no_ack/u],
  ] as const)('takes nothing that the stream would lose: %s', async (_, config, hint) => {
    const log = open(await makeStream(server, config))

    const refused = { code: 'SOURCE_REQUEST', hint: expect.stringMatching(hint) }
    await expect(log.append(Buffer.from('1'))).rejects.toMatchObject(refused)
    await expect(log.check?.(forever)).rejects.toMatchObject(refused)
    await log.close()
  })

  it('says why nothing can be appended, and to which size a record may grow', async () => {
    const stream = await makeStream(server)
    const log = open(stream)
    const large = JSON.stringify({ text: 'x'.repeat(1_100_000) })
    await expect(log.append(Buffer.from(large))).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' })
    const small = open(await makeStream(server, { max_msg_size: 10 }))
    await expect(small.append(Buffer.from('"more than ten"'))).rejects.toMatchObject({
      code: 'SOURCE_TOO_LARGE',
    })
    const full = createNatsLog({
      servers: [server.url],
      stream: await makeStream(server, { max_msgs: 1, discard: 'new', subjects: ['full'] }),
      subject: 'full',
      appendMs: 500,
    })
    await full.append(Buffer.from('1'))
    await expect(full.append(Buffer.from('2'))).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining('the stream is full'),
    })
    const untaken = createNatsLog({ servers: [server.url], stream, subject: 'nobodys' })
    expect(await untaken.check?.(forever)).toMatchObject({
      hint: expect.stringMatching(/None of its subjects/u),
    })
    for (const one of [log, small, full, untaken]) await one.close()
  })

  it('goes on after its credentials were refused for a while, and says that they were', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'engage-sync-nats-users-'))
    const users = (password: string) =>
      writeFile(
        join(directory, 'users.conf'),
        `authorization { user: us, password: ${password} }\n`,
      )
    await users('right')
    const guarded = await startNats(program ?? '', `include ../${basename(directory)}/users.conf`)
    const identity = { user: 'us', password: 'right' }
    const stream = await makeStream(guarded, {}, { user: 'us', pass: 'right' })
    const access = { servers: [guarded.url], stream, subject: `${stream}.received`, ...identity }
    const log = createNatsLog({ ...access, appendMs: 300 })
    await log.append(Buffer.from('1'))

    await users('other')
    await guarded.crash()
    await expect
      .poll(() => log.append(Buffer.from('2')).catch((error: unknown) => error), {
        timeout: 20_000,
      })
      .toMatchObject({ code: 'SOURCE_AUTH' })
    await users('right')
    await guarded.crash()
    await log.append(Buffer.from('3'))

    await log.close()
    await guarded.stop()
    await rm(directory, { recursive: true })
  })

  it('says that it cannot be reached, when nobody answers for as long as it may take', async () => {
    const other = await startNats(program ?? '')
    const stream = await makeStream(other)
    const access = { servers: [other.url], stream, subject: `${stream}.received` }
    const log = createNatsLog(access)
    const hurried = createNatsLog({ ...access, appendMs: 1000 })
    const closed = createNatsLog({ ...access, appendMs: 3_600_000 })
    await closed.append(Buffer.from('1'))
    await log.append(Buffer.from('1'))
    await hurried.append(Buffer.from('1'))
    await other.kill()

    await expect(hurried.append(Buffer.from('2'))).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
    })
    // One that is closed connects to nobody any more.
    const late = closed.append(Buffer.from('2')).catch((error: unknown) => error)
    await sleep(1500)
    await closed.close()
    expect(await late).toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
    await other.start()
    await log.append(Buffer.from('3'))

    const records: string[] = []
    for await (const chunk of log.read(null, new AbortController().signal))
      records.push(...recordsOf(chunk))
    expect(records.filter((record) => record !== '2')).toEqual(['1', '1', '1', '3'])
    await log.close()
    await hurried.close()
    await other.stop()
  })
})
