import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { recordsOf, sourceContract } from '@engage-sync/testkit'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RejectedRecord, SourcePosition } from '@engage-sync/contract'
import { createFileSource } from '../../src/files/source.ts'
import type { FileSourceOptions } from '../../src/files/source.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'engage-files-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const lines = (...records: readonly string[]): string =>
  records.map((record) => `${record}\n`).join('')
const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `{"n":${index + from}}`)

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true })
  await writeFile(join(root, path), content)
}

interface ReadResult {
  readonly records: readonly string[]
  readonly rejected: readonly RejectedRecord[]
  readonly position: SourcePosition | null
  readonly origins: readonly string[]
}

async function read(
  path: string | readonly string[],
  options: Partial<FileSourceOptions> & { from?: SourcePosition | null } = {},
): Promise<ReadResult> {
  const { from = null, ...limits } = options
  const result = {
    records: [] as string[],
    rejected: [] as RejectedRecord[],
    position: from,
    origins: [] as string[],
  }
  for await (const chunk of createFileSource({ path, root, ...limits }).read(
    from,
    new AbortController().signal,
  )) {
    recordsOf(chunk).forEach((record, index) => {
      result.records.push(record)
      result.origins.push(`${chunk.origin.name}:${chunk.origin.firstRecord + index}`)
    })
    result.rejected.push(...chunk.rejected)
    result.position = JSON.parse(JSON.stringify(chunk.position)) as SourcePosition
  }
  return result
}

/** The first chunks of a directory. */
async function readSome(
  path: string,
  most: number,
): Promise<{ readonly position: SourcePosition | null }> {
  let position: SourcePosition | null = null
  let count = 0
  const source = createFileSource({
    path,
    root,
    maxChunkRecords: 2,
    readBytes: 32,
    maxRecordBytes: 64,
  })
  for await (const chunk of source.read(null, new AbortController().signal)) {
    position = JSON.parse(JSON.stringify(chunk.position)) as SourcePosition
    if (++count >= most) break
  }
  return { position }
}

async function openFiles(directory: string): Promise<number> {
  const links = await readdir('/proc/self/fd', { withFileTypes: true })
  const { readlinkSync } = await import('node:fs')
  return links.filter(({ name }) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith(directory)
    } catch {
      return false
    }
  }).length
}

for (const [name, encode] of [
  ['a plain file', (text: string) => Buffer.from(text)],
  ['a gzip file', (text: string) => gzipSync(text)],
] as const) {
  sourceContract(name, async (records) => {
    const directory = await mkdtemp(join(tmpdir(), 'engage-contract-'))
    await writeFile(join(directory, 'a.ndjson'), encode(lines(...records)))
    const { readdirSync, readlinkSync } = await import('node:fs')
    const openHandles = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory)
        } catch {
          return false
        }
      }).length
    return {
      source: createFileSource({
        path: '*.ndjson',
        root: directory,
        maxChunkRecords: 4,
        readBytes: 64,
        maxRecordBytes: 128,
      }),
      openHandles,
      close: () => rm(directory, { recursive: true }),
    }
  })
}

describe('finding files', () => {
  it('reads a file, a glob and a directory, each file once, sorted', async () => {
    await write('b/2.ndjson', lines('{"n":2}'))
    await write('b/1.ndjson.gz', gzipSync(lines('{"n":1}')))
    await write('a.jsonl', lines('{"n":0}'))
    await write('b/notes.txt', 'not events')
    await write('b/.hidden.ndjson', lines('{"n":9}'))

    expect((await read('a.jsonl')).records).toEqual(['{"n":0}'])
    expect((await read('b')).records).toEqual(['{"n":1}', '{"n":2}'])
    expect((await read('**/*.ndjson*')).records).toEqual(['{"n":1}', '{"n":2}'])
    expect((await read(['b', 'a.jsonl', 'b/2.ndjson'])).records).toEqual([
      '{"n":0}',
      '{"n":1}',
      '{"n":2}',
    ])
    expect((await read(join(root, 'b', '*.gz'))).records).toEqual(['{"n":1}'])
  })

  it('reads the storage layout of Segment by day, whatever the source', async () => {
    await write('segment-logs/zzz/1767571200000/a.gz', gzipSync(lines('{"n":1}')))
    await write('segment-logs/aaa/1767657600000/a.gz', gzipSync(lines('{"n":2}')))
    await write('segment-logs/aaa/1767744000/b.gz', gzipSync(lines('{"n":3}')))
    await write('segment-logs/dummy-object.txt', 'test')

    expect((await read('segment-logs/**')).records).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
    expect((await read('.')).records).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
  })

  it('follows a symbolic link to a file', async () => {
    await write('real.ndjson', lines('{"n":1}'))
    await symlink(join(root, 'real.ndjson'), join(root, 'link.ndjson'))

    expect((await read('link.ndjson')).records).toEqual(['{"n":1}'])
  })

  it('names a file that is listed and cannot be opened', async () => {
    await write('a.ndjson', lines('{"n":1}'))
    await symlink(join(root, 'gone.ndjson'), join(root, 'b.ndjson'))

    await expect(read('.')).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: 'Cannot read b.ndjson (ENOENT)',
    })
  })

  it.each(['missing.ndjson', '*.ndjson', 'empty', 'a.txt/x.ndjson'])(
    'says that nothing matches %s',
    async (path) => {
      await mkdir(join(root, 'empty'))
      await write('a.txt', '')

      await expect(read(path)).rejects.toMatchObject({
        code: 'SOURCE_NOT_FOUND',
        message: expect.stringContaining(path) as string,
      })
    },
  )

  it('refuses a position of another source', async () => {
    await write('a.ndjson', lines('{"n":1}'))

    await expect(read('a.ndjson', { from: { offset: 7 } })).rejects.toMatchObject({
      code: 'SOURCE_POSITION',
    })
    await expect(
      read('a.ndjson', { from: { version: 1, files: [['a', 1]] } }),
    ).rejects.toMatchObject({ code: 'SOURCE_POSITION' })
  })
})

describe('splitting records', () => {
  it('takes line ends of any kind, blank lines, a byte order mark and a missing last line end', async () => {
    await write('a.ndjson', '\ufeff{"n":1}\r\n\r\n   \n{"n":2}\n\n{"n":3}')

    const { records, origins } = await read('a.ndjson')

    expect(records).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
    expect(origins).toEqual(['a.ndjson:1', 'a.ndjson:2', 'a.ndjson:3'])
  })

  it.each([1, 2, 3, 7, 16, 64])(
    'gives the same records whatever is read at once (%i bytes)',
    async (readBytes) => {
      const records = ['{"a":"ü"}', '{}', '{"b":[1,2,3]}', '{"c":"x"}']
      await write('a.ndjson', `\ufeff${records.join('\r\n')}`)

      expect((await read('a.ndjson', { readBytes, maxRecordBytes: 32 })).records).toEqual(records)
    },
  )

  it('refuses a record that is too long, tells its place, and goes on', async () => {
    await write(
      'a.ndjson',
      lines(
        '{"n":1}',
        `{"n":"${'x'.repeat(40_000)}"}`,
        '{"n":2}',
        `{"n":"${'y'.repeat(90)}"}`,
        '{"n":3}',
      ),
    )

    const { records, rejected, origins } = await read('a.ndjson', {
      maxRecordBytes: 64,
      readBytes: 1024,
    })

    expect(records).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
    expect(origins).toEqual(['a.ndjson:1', 'a.ndjson:3', 'a.ndjson:5'])
    expect(rejected).toMatchObject([
      {
        code: 'RECORD_TOO_LONG',
        origin: 'a.ndjson',
        record: 2,
        message: 'Expected a record of at most 64 bytes, got 40008.',
      },
      { code: 'RECORD_TOO_LONG', origin: 'a.ndjson', record: 4 },
    ])
  })

  it('drops a 40 MB line without holding it', async () => {
    await write(
      'a.ndjson',
      Buffer.concat([
        Buffer.from('{"n":1}\n"'),
        Buffer.alloc(40_000_000, 'x'),
        Buffer.from('"\n{"n":2}\n'),
      ]),
    )
    const before = process.memoryUsage().arrayBuffers

    const { records, rejected } = await read('a.ndjson')

    expect(records).toEqual(['{"n":1}', '{"n":2}'])
    expect(rejected).toHaveLength(1)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
  })

  it('refuses a last line that is too long', async () => {
    await write('a.ndjson', `{"n":1}\n${'x'.repeat(1000)}`)

    const { records, rejected } = await read('a.ndjson', { maxRecordBytes: 64, readBytes: 100 })

    expect(records).toEqual(['{"n":1}'])
    expect(rejected).toMatchObject([{ code: 'RECORD_TOO_LONG', record: 2 }])
  })

  it('takes a line with a batch apart', async () => {
    await write(
      'a.ndjson',
      lines(
        '{"n":1}',
        '[{"type":"track","a":1},{"type":"track","a":2}]',
        '{"batch":[{"type":"track"},{"type":"identify"}],"context":{"x":1}}',
        '{"n":2}',
      ),
    )

    const { records, origins } = await read('a.ndjson')

    expect(records.map((record) => JSON.parse(record) as unknown)).toEqual([
      { n: 1 },
      { type: 'track', a: 1 },
      { type: 'track', a: 2 },
      { type: 'track', context: { x: 1 } },
      { type: 'identify', context: { x: 1 } },
      { n: 2 },
    ])
    expect(origins.at(-1)).toBe('a.ndjson:6')
  })

  it('leaves a line that only looks like a batch to the decoder', async () => {
    const deep = `[{"a":1},${'['.repeat(100_000)}${']'.repeat(100_000)}]`
    await write('a.ndjson', lines('[{"type":', '[]', '{"batch":7}', deep))

    expect((await read('a.ndjson')).records).toEqual(['[{"type":', '[]', '{"batch":7}', deep])
  })

  it.each([
    ['a list', JSON.stringify([{ n: 1 }, { n: 2 }], null, 2)],
    ['an event', JSON.stringify({ type: 'identify', traits: { a: 1 } }, null, '\t')],
    [
      'a list with a byte order mark, and blank lines before it',
      `\ufeff\r\n\n[\r\n  {"n":1}\r\n]\r\n`,
    ],
  ])(
    'says once what to do about %s over several lines, and reads the next file',
    async (_, text) => {
      await write('a.json', text)
      await write('b.json', lines('{"n":3}'))

      const { records, rejected, position } = await read('.')

      expect(records).toEqual(['{"n":3}'])
      expect(rejected).toMatchObject([
        {
          code: 'RECORD_SEVERAL_LINES',
          message: expect.stringContaining('jq -c'),
          origin: 'a.json',
          record: 1,
        },
      ])
      expect((await read('.', { from: position })).rejected).toEqual([])
    },
  )

  it.each<[string, (text: string) => Buffer]>([
    ['with its mark', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['without a mark', (text) => Buffer.from(text, 'utf16le')],
    ['of the other order', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
  ])('says once what to do about a file in UTF-16 %s, and reads the next', async (_, encode) => {
    await write('a.json', encode(lines('{"n":1}', '{"n":2}')))
    await write('b.json', lines('{"n":3}'))

    const { records, rejected, position } = await read('.')

    expect(records).toEqual(['{"n":3}'])
    expect(rejected).toMatchObject([
      {
        code: 'RECORD_INVALID_UTF8',
        message: expect.stringContaining('iconv -f UTF-16'),
        origin: 'a.json',
        record: 1,
      },
    ])
    expect((await read('.', { from: position })).rejected).toEqual([])
  })

  it('reads the events behind a broken first line', async () => {
    await write('a.ndjson', lines('{"n":', '{"n":2}'))

    expect((await read('a.ndjson')).records).toEqual(['{"n":', '{"n":2}'])
  })

  it('gives many records in chunks, none lost', async () => {
    const records = numbered(10_000)
    await write('a.ndjson.gz', gzipSync(lines(...records)))

    expect((await read('a.ndjson.gz')).records).toEqual(records)
  })
})

describe('gzip', () => {
  it('is known by its bytes, not by the name, and may have several members', async () => {
    await write('a.log', Buffer.concat([gzipSync(lines('{"n":1}')), gzipSync(lines('{"n":2}'))]))
    await write('b.gz', lines('{"n":3}'))

    expect((await read('.')).records).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
  })

  it('keeps what a cut off file still holds, says so, and reads the next file', async () => {
    const records = Array.from({ length: 5000 }, (_, index) =>
      JSON.stringify({ n: index, text: createHash('md5').update(String(index)).digest('hex') }),
    )
    const whole = gzipSync(lines(...records))
    await write('a.gz', whole.subarray(0, Math.floor(whole.length / 2)))
    await write('b.gz', gzipSync(lines('{"b":1}')))

    const { records: found, rejected, position } = await read('.')

    expect(found.length).toBeGreaterThan(2000)
    expect(found.slice(0, -1)).toEqual(records.slice(0, found.length - 1))
    expect(found.at(-1)).toBe('{"b":1}')
    expect(rejected).toMatchObject([
      { code: 'SOURCE_TRUNCATED', origin: 'a.gz', record: found.length },
    ])
    await write('a.gz', whole)
    expect((await read('.', { from: position })).records).toEqual(records.slice(found.length - 1))
  })

  it('tells a damaged file from one that was cut off', async () => {
    const whole = gzipSync(lines(...numbered(1000)))
    whole[whole.length - 6] ^= 0xff
    await write('a.gz', whole)

    expect((await read('a.gz')).rejected).toMatchObject([
      { code: 'SOURCE_CORRUPT', origin: 'a.gz' },
    ])
  })

  it.each([20, 6_000])(
    'gives all %i records before a wrong checksum, and before what is no gzip',
    async (count) => {
      const whole = gzipSync(lines(...numbered(count)))
      const wrong = Buffer.from(whole)
      wrong[wrong.length - 6] ^= 0xff
      await write('a.gz', wrong)
      await write('b.gz', Buffer.concat([whole, Buffer.from('trailing garbage')]))

      const { records, rejected } = await read('.')

      expect(records).toEqual([...numbered(count), ...numbered(count)])
      expect(rejected.map(({ code, origin }) => [code, origin])).toEqual([
        ['SOURCE_CORRUPT', 'a.gz'],
        ['SOURCE_CORRUPT', 'b.gz'],
      ])
    },
  )

  it('gives every record before a fault, wherever it is', async () => {
    const records = Array.from({ length: 3000 }, (_, index) =>
      JSON.stringify({ n: index, text: createHash('md5').update(String(index)).digest('hex') }),
    )
    const whole = gzipSync(lines(...records))
    const half = Math.floor(whole.length / 2)
    // A member of its own behind a sound one: the first must come whole.
    const second = Buffer.from(whole)
    second.fill(0xff, half, half + 64)
    await write('a.gz', Buffer.concat([whole, second]))

    const { records: found, rejected } = await read('a.gz')

    expect(found.slice(0, 3000)).toEqual(records)
    expect(found.slice(3000, 3000 + 1400)).toEqual(records.slice(0, 1400))
    expect(rejected).toMatchObject([{ code: 'SOURCE_CORRUPT' }])
  })

  it('reads what the system command wrote', async () => {
    await write('a.ndjson', lines(...numbered(100)))
    execFileSync('gzip', [join(root, 'a.ndjson')])

    expect((await read('*.gz')).records).toEqual(numbered(100))
  })
})

describe('resuming', () => {
  it.each(['a.ndjson', 'a.gz'])('reads only what was added to %s', async (name) => {
    const encode = (text: string): string | Uint8Array =>
      name.endsWith('.gz') ? gzipSync(text) : text
    await write(name, encode(lines('{"n":1}', '{"n":2}')))
    const { position } = await read(name)

    expect((await read(name, { from: position })).records).toEqual([])
    await appendFile(join(root, name), encode(lines('{"n":3}')))

    const later = await read(name, { from: position })
    expect(later.records).toEqual(['{"n":3}'])
    expect(later.origins).toEqual([`${name}:3`])
  })

  it('waits for a last line that is still being written', async () => {
    await write('a.ndjson', '{"n":1}\n{"n":')
    const first = await read('a.ndjson')
    expect([first.records, first.rejected]).toEqual([['{"n":1}'], []])

    expect((await read('a.ndjson', { from: first.position })).records).toEqual([])
    await appendFile(join(root, 'a.ndjson'), '2}\n{"n":3}\n')

    expect((await read('a.ndjson', { from: first.position })).records).toEqual([
      '{"n":2}',
      '{"n":3}',
    ])
  })

  it.each(['hello', '{"n":1}}', '{"n":tru}', ']'])(
    'rejects a last line that no more bytes would make whole: %s',
    async (line) => {
      await write('a.ndjson', `{"n":1}\n${line}`)

      expect((await read('a.ndjson')).records).toEqual(['{"n":1}', line])
    },
  )

  it('waits for nothing where nobody writes any more', async () => {
    await write('a.gz', gzipSync('{"n":1}\n{"n":'))

    expect((await read('a.gz')).records).toEqual(['{"n":1}', '{"n":'])
  })

  it('does not read a whole last line again when its line end follows', async () => {
    await write('a.ndjson', '{"n":1}\n{"n":2}')
    const { position } = await read('a.ndjson')
    await appendFile(join(root, 'a.ndjson'), '\n{"n":3}\n')

    expect((await read('a.ndjson', { from: position })).records).toEqual(['{"n":3}'])
  })

  it('reads new files, also those that sort before the old ones', async () => {
    await write('b.ndjson', lines('{"n":1}'))
    const { position } = await read('*.ndjson')
    await write('a.ndjson', lines('{"n":0}'))
    await write('c.ndjson', lines('{"n":2}'))

    expect((await read('*.ndjson', { from: position })).records).toEqual(['{"n":0}', '{"n":2}'])
  })

  it('knows a rotated file by its content', async () => {
    await write('events.log', lines('{"n":1}', '{"n":2}'))
    const { position } = await read('*.log')
    await appendFile(join(root, 'events.log'), lines('{"n":3}'))
    await rename(join(root, 'events.log'), join(root, 'events.1.log'))
    await write('events.log', lines('{"n":4}', '{"n":5}', '{"n":6}', '{"n":7}'))

    expect((await read('*.log', { from: position })).records).toEqual([
      '{"n":3}',
      '{"n":4}',
      '{"n":5}',
      '{"n":6}',
      '{"n":7}',
    ])
  })

  it('reads a rewritten and a shortened file from its beginning', async () => {
    const long = numbered(2000)
    await write('a.ndjson', lines(...long))
    const { position } = await read('a.ndjson')
    await write('a.ndjson', lines(...long.slice(0, -1), '{"n":"x9"}'))
    expect((await read('a.ndjson', { from: position })).records).toHaveLength(2000)

    await write('a.ndjson', lines(...long))
    await truncate(join(root, 'a.ndjson'), 8)
    expect((await read('a.ndjson', { from: position })).records).toEqual(['{"n":0}'])
  })

  it('gives before a position what it does not give from there, whatever became of the files since', async () => {
    const texts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
    const change = fc.oneof(
      fc.record({ what: fc.constant('append' as const), file: fc.nat(3), records: texts }),
      fc.record({ what: fc.constant('rewrite' as const), file: fc.nat(3), records: texts }),
      fc.record({ what: fc.constant('remove' as const), file: fc.nat(3), records: texts }),
      fc.record({ what: fc.constant('add' as const), file: fc.nat(3), records: texts }),
    )
    let turn = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(texts, { minLength: 1, maxLength: 4 }),
        fc.array(change, { maxLength: 4 }),
        fc.record({
          isPacked: fc.boolean(),
          isTorn: fc.boolean(),
          most: fc.integer({ min: 1, max: 9 }),
        }),
        async (files, changes, { isPacked, isTorn, most }) => {
          const directory = `turn-${++turn}`
          let number = 0
          const encode = (text: string) => (isPacked ? gzipSync(text) : Buffer.from(text))
          const textOf = (sizes: readonly number[]) =>
            lines(...sizes.map((size) => `{"n":"${'x'.repeat(size)}${++number}"}`))
          for (const [index, sizes] of files.entries()) {
            await write(
              `${directory}/${index}5.ndjson`,
              encode(`${textOf(sizes)}${isTorn ? '{"torn' : ''}`),
            )
          }
          await write(`${directory}/kept.ndjson`, encode(textOf([1, 2])))
          const { position } = await readSome(directory, most)
          for (const { what, file, records } of changes) {
            const path = join(root, directory, `${file}5.ndjson`)
            if (what === 'add') await write(`${directory}/${file}3.ndjson`, encode(textOf(records)))
            else if (what === 'rewrite')
              await write(`${directory}/${file}5.ndjson`, encode(textOf(records)))
            else if (what === 'append') await appendFile(path, encode(textOf(records)))
            else await rm(path, { force: true })
          }

          const source = createFileSource({
            path: directory,
            root,
            maxChunkRecords: 2,
            readBytes: 32,
            maxRecordBytes: 64,
          })
          const before: string[] = []
          for await (const chunk of source.readBefore!(position!, new AbortController().signal))
            before.push(...recordsOf(chunk))

          const rest = (await read(directory, { from: position })).records
          expect([...before, ...rest].toSorted()).toEqual(
            (await read(directory)).records.toSorted(),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  it('forgets a file that is gone', async () => {
    await write('a.ndjson', lines('{"n":1}'))
    await write('b.ndjson', lines('{"n":2}'))
    const { position } = await read('*.ndjson')
    await rm(join(root, 'a.ndjson'))
    await appendFile(join(root, 'b.ndjson'), lines('{"n":3}'))

    const later = await read('*.ndjson', { from: position })

    expect(later.records).toEqual(['{"n":3}'])
    expect(JSON.stringify(later.position)).not.toContain('a.ndjson')
  })

  it('keeps how far other files were read while one is read', async () => {
    await write('a.ndjson', lines('{"n":1}'))
    await write('b.ndjson', lines('{"n":2}'))
    const { position } = await read('*.ndjson')
    await appendFile(join(root, 'a.ndjson'), lines('{"n":3}'))
    await appendFile(join(root, 'b.ndjson'), lines('{"n":4}'))
    const reading = createFileSource({ path: '*.ndjson', root })
      .read(position, new AbortController().signal)
      [Symbol.asyncIterator]()
    const first = await reading.next()
    const between = (first.value as { position: SourcePosition }).position
    await reading.return?.()

    expect((await read('*.ndjson', { from: between })).records).toEqual(['{"n":4}'])
    expect(await openFiles(root)).toBe(0)
  })
})
