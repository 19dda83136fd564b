import { gzipSync } from 'node:zlib'
import { recordsOf, sourceContract, startFakeS3 } from '@engage-sync/testkit'
import type { FakeS3 } from '@engage-sync/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Json } from '@engage-sync/contract'
import { createS3Source } from '../../src/s3/index.ts'
import type { S3SourceOptions } from '../../src/s3/index.ts'
import { readChunks, readRecords } from '../read-source.ts'
import type { ReadChunk } from '../read-source.ts'

let s3: FakeS3
let folder = ''
let count = 0

beforeAll(async () => {
  s3 = await startFakeS3()
})
afterAll(() => s3.stop())
beforeEach(() => {
  folder = `test-${++count}`
  s3.recover()
  s3.requests.length = 0
})

function sourceWith(options: Partial<S3SourceOptions> = {}) {
  return createS3Source({
    url: `s3://${s3.bucket}/${folder}/**`,
    endpoint: s3.url,
    credentials: s3.credentials,
    ...options,
  })
}

const put = (key: string, body: Uint8Array | string, modified?: Date) =>
  s3.put(`${folder}/${key}`, body, modified)
const lines = (name: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `{"${name}":${from + index}}`)
const packed = (records: readonly string[]) => gzipSync(`${records.join('\n')}\n`)
const DAY_1 = '1767571200000'
const DAY_2 = '1767657600000'

sourceContract('createS3Source', async (records) => {
  // Plain objects, so that some positions lie inside one.
  await put(
    'a.ndjson',
    records
      .slice(0, 13)
      .map((record) => `${record}\n`)
      .join(''),
  )
  await put(
    'b.ndjson.gz',
    gzipSync(
      records
        .slice(13)
        .map((record) => `${record}\n`)
        .join(''),
    ),
  )
  return { source: sourceWith({ maxChunkRecords: 4 }) }
})

describe('createS3Source', () => {
  it("reads Segment's layout by day of receipt, across sources, without the validation object", async () => {
    await put(`segment-logs/src2/${DAY_1}/a b+ü.gz`, packed(['{"n":2}']))
    await put(`segment-logs/src1/${DAY_2}/a.gz`, packed(['{"n":3}']))
    await put(`segment-logs/src1/${DAY_1}/z.gz`, packed(['{"n":1}']))
    await put('segment-logs/dummy-object.txt', 'not an event')

    expect(await readRecords(sourceWith())).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
  })

  it.each([
    ['an object', 'one.gz', ['{"n":1}']],
    ['a folder', 'sub', ['{"n":2}', '{"n":3}']],
    ['a glob in a folder', 'sub/*.gz', ['{"n":2}']],
    ['a glob across folders', '**/*.gz', ['{"n":1}', '{"n":2}']],
  ])('reads %s', async (_, path, expected) => {
    await put('one.gz', packed(['{"n":1}']))
    await put('sub/two.gz', packed(['{"n":2}']))
    await put('sub/deep/three.ndjson', '{"n":3}')
    await put('sub-marine.ndjson', '{"n":4}')

    const records = await readRecords(sourceWith({ url: `s3://${s3.bucket}/${folder}/${path}` }))

    expect(records.toSorted()).toEqual(expected)
  })

  it('lists more objects than one page holds', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await put(`${name}.ndjson`, `{"${name}":1}`)

    expect(await readRecords(sourceWith({ pageSize: 2 }))).toHaveLength(5)
    expect(s3.requests.filter(({ target }) => target.includes('list-type=2'))).toHaveLength(3)
  })

  it('reads an empty object as nothing', async () => {
    await put('a.ndjson', '')

    expect(await readRecords(sourceWith())).toEqual([])
  })

  it('says that no object matches', async () => {
    await expect(readRecords(sourceWith())).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
  })
})

describe('positions', () => {
  it('find what is new, late, rewritten, and nothing else', async () => {
    await put(`segment-logs/src/${DAY_1}/a.gz`, packed(['{"a":1}']))
    await put(`segment-logs/src/${DAY_2}/b.gz`, packed(['{"b":1}']))
    const first = (await readChunks(sourceWith())).at(-1)!
    expect(await readRecords(sourceWith(), first.position)).toEqual([])

    await put(`segment-logs/src/${DAY_1}/late.gz`, packed(['{"late":1}']))
    await put(`segment-logs/src/${DAY_2}/b.gz`, packed(['{"b":2}']))

    const second = await readChunks(sourceWith(), first.position)
    expect(second.flatMap(({ records }) => records)).toEqual(['{"late":1}', '{"b":2}'])
    expect(await readRecords(sourceWith(), second.at(-1)!.position)).toEqual([])
  })

  it('leave objects that come during a pass to the next', async () => {
    const before = new Date(Date.now() - 60_000)
    await put('b.ndjson', lines('b', 0, 3).join('\n'), before)
    await put('c.ndjson', lines('c', 0, 3).join('\n'), before)
    const [begun] = await readChunks(sourceWith({ maxChunkRecords: 2 }), null, 1)
    await put('a.ndjson', '{"new":1}')
    await put('c.ndjson', '{"c":"again"}')

    const rest = await readChunks(sourceWith(), begun.position)
    const next = await readRecords(sourceWith(), rest.at(-1)!.position)

    expect(rest.flatMap(({ records }) => records)).toEqual(['{"b":2}'])
    expect(next).toEqual(['{"new":1}', '{"c":"again"}'])
  })

  it('leave an object that was rewritten after it was listed to the next pass, whole', async () => {
    await put('a.ndjson', '{"a":1}')
    await put('b.ndjson', '{"b":1}')
    const read: number[] = []
    let position: Json = null
    for await (const chunk of sourceWith().read(null, new AbortController().signal)) {
      if (read.length === 0) await put('b.ndjson', '{"b":2}')
      read.push(chunk.count)
      position = chunk.position
    }

    expect(read).toEqual([1, 0])
    expect(await readRecords(sourceWith(), position)).toEqual(['{"b":2}'])
  })

  it('have before them what was read, and is still what it was', async () => {
    await put('a.gz', packed(['{"a":1}']))
    await put('b.gz', packed(lines('b', 0, 3)))
    await put('c.ndjson', lines('c', 0, 3).join('\n'))
    const chunks = await readChunks(sourceWith({ maxChunkRecords: 2 }))
    await put('late.gz', packed(['{"late":1}']))
    await put('b.gz', packed(['{"b":"again"}']))
    const all = await readRecords(sourceWith())

    for (const { position } of [chunks[0], chunks.at(-1)!]) {
      const before: string[] = []
      for await (const chunk of sourceWith().readBefore!(position, new AbortController().signal))
        before.push(...recordsOf(chunk))
      const rest: string[] = []
      // What came during a pass belongs to the next one.
      for (let from: Json = position, more = true; more;) {
        const next: readonly ReadChunk[] = await readChunks(sourceWith(), from)
        rest.push(...next.flatMap(({ records }) => records))
        more = next.length > 0
        from = next.at(-1)?.position ?? from
      }
      expect([...before, ...rest].toSorted()).toEqual(all.toSorted())
    }
  })

  it('ask for the rest of a plain object only', async () => {
    await put('a.ndjson', `${lines('a', 0, 3_000).join('\n')}\n`)
    const [begun] = await readChunks(sourceWith({ maxChunkRecords: 2_000 }), null, 1)
    s3.requests.length = 0

    const rest = await readRecords(sourceWith(), begun.position)

    expect(rest).toHaveLength(1_000)
    expect(s3.requests.map(({ range }) => range)).toContain(
      `bytes=${Buffer.byteLength(`${lines('a', 0, 2_000).join('\n')}\n`)}-`,
    )
  })

  it.each<Json>([
    1,
    {},
    { since: 'x', recent: {}, pass: null },
    { since: 1, recent: {}, pass: { upTo: 1, after: null, object: {} } },
  ])('of others are refused: %j', async (position) => {
    await expect(readRecords(sourceWith(), position)).rejects.toMatchObject({
      code: 'SOURCE_POSITION',
    })
  })
})

describe('broken objects', () => {
  it('give what can be read and one rejection, and the next object follows', async () => {
    const whole = packed(lines('a', 0, 5_000))
    await put('a.gz', whole.subarray(0, whole.length - 100))
    await put(
      'b.gz',
      Buffer.concat([whole.subarray(0, 1_000), Buffer.alloc(500, 0xff), whole.subarray(1_500)]),
    )
    await put('c.gz', packed(['{"c":1}']))

    const chunks = await readChunks(sourceWith())

    expect(
      chunks.flatMap(({ rejected }) => rejected).map(({ code, origin }) => [code, origin.at(-4)]),
    ).toEqual([
      ['SOURCE_TRUNCATED', 'a'],
      ['SOURCE_CORRUPT', 'b'],
    ])
    const records = chunks.flatMap((chunk) => chunk.records)
    expect(records.length).toBeGreaterThan(1_000)
    expect(records.at(-1)).toBe('{"c":1}')
  })

  it('of the network are taken up where they broke, packed or plain', async () => {
    const records = Array.from({ length: 20_000 }, (_, index) =>
      JSON.stringify({ index, noise: Math.imul(index, 2_654_435_761) }),
    )
    await put('a.ndjson', `${records.join('\n')}\n`)
    await put('b.gz', packed(records))
    s3.fail({ cutAfter: 50_000, times: 2, when: 'a.ndjson' })
    s3.fail({ cutAfter: 50_000, times: 2, when: 'b.gz' })

    expect(await readRecords(sourceWith())).toEqual([...records, ...records])
    expect(s3.requests.filter(({ range }) => range === 'bytes=50000-')).toHaveLength(2)
  })

  it('of the network end a read that never gets on', async () => {
    await put('a.ndjson', 'x'.repeat(100_000))
    s3.fail({ cutAfter: 0, times: 100, when: 'a.ndjson' })

    await expect(readRecords(sourceWith())).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
  })

  it('that vanish while they are read are told', async () => {
    await put('a.ndjson', '{"a":1}')
    await put('b.ndjson', '{"b":1}')
    const chunks = []
    for await (const chunk of sourceWith().read(null, new AbortController().signal)) {
      chunks.push({ count: chunk.count, rejected: chunk.rejected })
      await s3.remove(`${folder}/b.ndjson`)
    }

    expect(chunks).toMatchObject([
      { count: 1, rejected: [] },
      { count: 0, rejected: [{ code: 'SOURCE_GONE' }] },
    ])
  })
})

describe('failures', () => {
  beforeEach(() => put('a.ndjson', '{"a":1}'))

  it.each([
    [403, 'AccessDenied', 'SOURCE_AUTH'],
    [403, 'InvalidAccessKeyId', 'SOURCE_AUTH'],
    [400, 'ExpiredToken', 'SOURCE_AUTH'],
    [404, 'NoSuchBucket', 'SOURCE_REQUEST'],
    [301, 'PermanentRedirect', 'SOURCE_REQUEST'],
    [503, 'SlowDown', 'SOURCE_UNAVAILABLE'],
    [500, 'InternalError', 'SOURCE_UNAVAILABLE'],
  ])('HTTP %i %s is %s', async (status, code, expected) => {
    s3.fail({ status, code, times: 100 })

    const error = await readRecords(sourceWith({ attempts: 1 })).catch(
      (thrown: unknown) => thrown as Error,
    )

    expect(error).toMatchObject({ code: expected })
    expect(
      `${(error as Error).message} ${String((error as Error).cause)} ${(error as Error).stack}`,
    ).not.toContain('person@example.com')
  })

  it('are tried again when they may pass', async () => {
    s3.fail({ status: 503, code: 'SlowDown', times: 2 })

    expect(await readRecords(sourceWith())).toEqual(['{"a":1}'])
  })

  it('tell what is missing on a machine without AWS configuration', async () => {
    const before = { ...process.env }
    try {
      for (const name of Object.keys(process.env).filter((key) => key.startsWith('AWS_')))
        delete process.env[name]
      Object.assign(process.env, {
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      })

      await expect(readRecords(sourceWith({ credentials: undefined }))).rejects.toMatchObject({
        code: 'SOURCE_AUTH',
        hint: expect.stringContaining('AWS_PROFILE'),
      })
      await expect(readRecords(sourceWith({ endpoint: undefined }))).rejects.toMatchObject({
        code: 'SOURCE_REQUEST',
        hint: expect.stringContaining('region'),
      })

      Object.assign(process.env, {
        AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
      })
      expect(await readRecords(sourceWith({ credentials: undefined }))).toEqual(['{"a":1}'])
    } finally {
      process.env = before
    }
  })

  it('tell that nobody listens', async () => {
    await expect(
      readRecords(sourceWith({ endpoint: 'http://127.0.0.1:1', attempts: 1 })),
    ).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
    })
  })

  it.each(['s3://', 's3://Bad_Bucket/x', 'https://bucket/x'])('refuse %s', (url) => {
    expect(() => sourceWith({ url })).toThrow(expect.objectContaining({ code: 'SOURCE_URL' }))
  })
})
