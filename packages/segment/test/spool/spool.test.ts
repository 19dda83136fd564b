import { execFile } from 'node:child_process'
import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { RawChunk, SourcePosition } from '@engage-sync/contract'
import { eventLogContract, recordsOf, sourceContract } from '@engage-sync/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eraseFromSpools } from '../../src/spool/erase.ts'
import { feedSpool } from '../../src/spool/feed.ts'
import { SpoolWriter } from '../../src/spool/spool-writer.ts'
import { createSpool, spoolSource } from '../../src/spool/spool.ts'

const run = promisify(execFile)

/** A process whose files may not grow beyond 1 KB. */
const FULL_DISK = `
import { createSpool } from "${join(import.meta.dirname, '../../src/spool/spool.ts')}"
const spool = createSpool({ name: "webhook", directory: process.argv[1] })
await spool.append(Buffer.from(JSON.stringify({ n: 1 })))
const failed = await spool.append(Buffer.from(JSON.stringify({ n: 2, text: "x".repeat(2000) }))).catch((error) => error.code)
await spool.append(Buffer.from(JSON.stringify({ n: 3 })))
const records = []
for await (const { bytes, spans, count } of spool.read(null, new AbortController().signal))
  for (let at = 0; at < count; at++) records.push(Buffer.from(bytes.subarray(spans[2 * at], spans[2 * at + 1])).toString())
console.log(JSON.stringify({ failed, records, bytes: (await spool.lag(null)).bytes }))
`

let directory = ''
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'engage-spool-')), 'spool')
})
afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }))

async function* streamOf(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}

/** The files of the spool that hold events. */
async function eventFiles(): Promise<readonly string[]> {
  return (await readdir(directory)).filter((file) => file !== '.gitignore')
}

const forever = new AbortController().signal

async function readAll(
  read: AsyncIterable<RawChunk>,
): Promise<{ records: string[]; position: SourcePosition | null }> {
  const result = { records: [] as string[], position: null as SourcePosition | null }
  for await (const chunk of read) {
    result.records.push(...recordsOf(chunk))
    result.position = JSON.parse(JSON.stringify(chunk.position)) as SourcePosition
  }
  return result
}

sourceContract('a spooled stream', async (records) => {
  const folder = await mkdtemp(join(tmpdir(), 'engage-spool-contract-'))
  return {
    source: spoolSource({
      name: 'standard input',
      directory: folder,
      input: streamOf(records.map((record) => `${record}\n`).join('')),
    }),
    close: () => rm(folder, { recursive: true, force: true }),
  }
})

eventLogContract('a spool', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'engage-spool-contract-'))
  return {
    isShared: false,
    open: async () => createSpool({ name: 'webhook', directory: folder, maxFileBytes: 100 }),
    close: () => rm(folder, { recursive: true, force: true }),
  }
})

describe('spoolSource', () => {
  it("is none of git's, wherever it lies", async () => {
    const source = spoolSource({ name: '-', directory, input: streamOf('{"n":1}\n') })
    await readAll(source.read(null, forever))

    expect(await readFile(join(directory, '.gitignore'), 'utf8')).toBe('*\n')
  })

  it('gives an unfinished last line: nobody will finish it', async () => {
    const source = spoolSource({ name: '-', directory, input: streamOf('{"n":1}\n{"n":') })

    expect((await readAll(source.read(null, forever))).records).toEqual(['{"n":1}', '{"n":'])
  })

  it('has everything on disk, for its owner alone, before the first record is given', async () => {
    const source = spoolSource({ name: '-', directory, input: streamOf('{"n":1}\n{"n"', ':2}\n') })

    for await (const chunk of source.read(null, forever)) {
      expect(chunk.count).toBeGreaterThan(0)
      expect(await readFile(join(directory, '0000000001.events'), 'utf8')).toBe(
        '{"n":1}\n{"n":2}\n',
      )
      expect((await stat(join(directory, '0000000001.events'))).mode & 0o777).toBe(0o600)
      break
    }
  })

  it('reads a gzip stream, however it is cut', async () => {
    const zipped = gzipSync('{"n":1}\n{"n":2}\n')
    const source = spoolSource({
      name: '-',
      directory,
      input: streamOf(...[...zipped].map((byte) => Uint8Array.of(byte))),
    })

    expect((await readAll(source.read(null, forever))).records).toEqual(['{"n":1}', '{"n":2}'])
  })

  it('gives first what an interrupted run left, and then the new stream', async () => {
    const interrupted = spoolSource({ name: '-', directory, input: streamOf('{"n":1}\n{"n":2}\n') })
    for await (const chunk of interrupted.read(null, forever)) {
      expect(chunk.count).toBe(2)
      break
    }

    const next = spoolSource({ name: '-', directory, input: streamOf('{"n":3}\n') })

    expect((await readAll(next.read(null, forever))).records).toEqual([
      '{"n":1}',
      '{"n":2}',
      '{"n":3}',
    ])
  })

  it('keeps what came before a stream broke', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"n":1}\n')
      throw new Error('pipe closed')
    }
    const source = spoolSource({ name: '-', directory, input: broken() })
    await expect(readAll(source.read(null, forever))).rejects.toThrow('pipe closed')

    const next = spoolSource({ name: '-', directory, input: streamOf() })

    expect((await readAll(next.read(null, forever))).records).toEqual(['{"n":1}'])
  })

  it('removes files a committed position has passed', async () => {
    const first = spoolSource({ name: '-', directory, input: streamOf('{"n":1}\n') })
    const { position } = await readAll(first.read(null, forever))

    const second = spoolSource({ name: '-', directory, input: streamOf('{"n":2}\n') })

    expect((await readAll(second.read(position, forever))).records).toEqual(['{"n":2}'])
    expect(await eventFiles()).toEqual(['0000000002.events'])
  })
})

describe('createSpool', () => {
  it('keeps all that was appended at the same time, line by line', async () => {
    const spool = createSpool({ name: 'webhook', directory })

    await Promise.all(
      Array.from({ length: 200 }, (_, number) => spool.append(Buffer.from(`{"n":${number}}`))),
    )
    const { records } = await readAll(spool.read(null, forever))
    await spool.close()

    expect(records.toSorted()).toEqual(
      Array.from({ length: 200 }, (_, number) => `{"n":${number}}`).toSorted(),
    )
  })

  it('goes on where it was while more is appended', async () => {
    const spool = createSpool({ name: 'webhook', directory })
    await spool.append(Buffer.from('{"n":1}\n'))
    const { position } = await readAll(spool.read(null, forever))
    await spool.append(Buffer.from('{"n":2}\n'))

    expect((await readAll(spool.read(position, forever))).records).toEqual(['{"n":2}'])
    await spool.close()
  })

  it('keeps a file that grew after it was read, although a newer one was begun', async () => {
    const spool = createSpool({ name: 'webhook', directory, maxFileBytes: 10 })
    await spool.append(Buffer.from('{"n":1}'))
    const { position } = await readAll(spool.read(null, forever))
    for (const number of [2, 3, 4]) await spool.append(Buffer.from(`{"n":${number}}`))
    await spool.close()

    expect((await readAll(spool.read(position, forever))).records).toEqual([
      '{"n":2}',
      '{"n":3}',
      '{"n":4}',
    ])
  })

  it('begins new files and leaves those of others alone', async () => {
    const spool = createSpool({ name: 'webhook', directory, maxFileBytes: 10 })
    for (let number = 0; number < 4; number++)
      await spool.append(Buffer.from(`{"number":${number}}`))
    await spool.close()
    await writeFile(join(directory, 'notes.txt'), 'mine')

    const again = createSpool({ name: 'webhook', directory })
    await again.append(Buffer.from('{"number":4}'))
    await again.close()

    expect((await readAll(again.read(null, forever))).records).toHaveLength(5)
    expect(await eventFiles()).toEqual([
      '0000000001.events',
      '0000000002.events',
      '0000000003.events',
      '0000000004.events',
      '0000000005.events',
      'notes.txt',
    ])
  })

  it('leaves out a last line without its end: whoever sent it was not answered', async () => {
    const killed = createSpool({ name: 'webhook', directory })
    await killed.append(Buffer.from('{"n":1}'))
    await killed.close()
    await appendFile(join(directory, '0000000001.events'), '{"n":2,"text":"cut o')
    const spool = createSpool({ name: 'webhook', directory })
    await spool.append(Buffer.from('{"n":3}'))

    const { records, position } = await readAll(spool.read(null, forever))

    expect(records).toEqual(['{"n":1}', '{"n":3}'])
    expect(await spool.lag(position)).toEqual({ records: 0, bytes: 0, oldestMs: 0 })
    await spool.close()
  })

  it('begins another file where somebody removed the one it wrote into', async () => {
    const spool = createSpool({ name: 'webhook', directory })
    await spool.append(Buffer.from('{"n":1}'))
    await rm(directory, { recursive: true })
    await spool.append(Buffer.from('{"n":2}'))

    expect((await readAll(spool.read(null, forever))).records).toEqual(['{"n":2}'])
    await spool.close()
  })

  it.each(['read', 'follow'] as const)(
    'goes on behind a file that was removed once it was listed, by %s',
    async (way) => {
      const spool = createSpool({ name: 'webhook', directory })
      await spool.append(Buffer.from('{"n":1}'))
      // A name that can be listed and not be opened, as one that is trimmed in between.
      const removed = join(directory, '0000000000.events')
      await symlink(join(directory, 'nowhere'), removed)
      expect((await spool.lag(null)).bytes).toBe(8)
      const stop = new AbortController()
      const reading = spool[way](null, stop.signal)[Symbol.asyncIterator]()
      const next = reading.next()
      await setTimeout(50)
      await rm(removed)

      expect(recordsOf((await next).value as RawChunk)).toEqual(['{"n":1}'])
      stop.abort()
      await reading.next().catch(() => undefined)
      await spool.close()
    },
  )

  it('wakes who follows, also over files that others removed', async () => {
    const spool = createSpool({ name: 'webhook', directory, maxFileBytes: 10 })
    const stop = new AbortController()
    const following = spool.follow(null, stop.signal)[Symbol.asyncIterator]()
    for (let number = 0; number < 6; number++) {
      const next = following.next()
      await spool.append(Buffer.from(`{"number":${number}}`))
      const { value } = (await next) as { value: RawChunk }
      expect(recordsOf(value)).toEqual([`{"number":${number}}`])
      await readAll(spool.read(value.position, forever))
    }

    stop.abort()
    expect(await following.next()).toEqual({ done: true, value: undefined })
    expect((await eventFiles()).length).toBeLessThan(3)
    await spool.close()
  })

  it('removes what a position has passed, and tells what is behind it', async () => {
    const spool = createSpool({ name: 'webhook', directory, maxFileBytes: 10 })
    const positions: SourcePosition[] = []
    for (let number = 0; number < 3; number++) {
      await spool.append(Buffer.from(`{"number":${number}}`))
      positions.push((await readAll(spool.read(null, forever))).position)
    }

    const [first, , last] = positions as [SourcePosition, SourcePosition, SourcePosition]
    expect((await spool.lag(null)).bytes).toBe(39)
    expect((await spool.lag(first)).bytes).toBe(26)
    await spool.trim(first)
    expect(await eventFiles()).toEqual(['0000000002.events', '0000000003.events'])
    expect((await spool.lag(last)).bytes).toBe(0)
    await spool.trim(last)
    expect(await eventFiles()).toEqual(['0000000003.events'])
    await spool.close()
  })

  it('keeps nothing of what could not be written, and goes on when there is room', async () => {
    const { stdout } = await run('bash', [
      '-c',
      `ulimit -f 1; exec '${process.execPath}' --conditions=engage-sync-source --input-type=module -e '${FULL_DISK}' '${directory}'`,
    ])

    expect(JSON.parse(stdout)).toEqual({
      failed: 'EFBIG',
      records: ['{"n":1}', '{"n":3}'],
      bytes: 16,
    })
    // Who read the beginning of what failed stands behind it, where nothing else may come.
    expect(await eventFiles()).toEqual(['0000000001.events', '0000000002.events'])
  })

  it('loses nothing that comes while it gives its file up for another', async () => {
    const writer = new SpoolWriter(directory, Infinity)
    await writer.append(Buffer.from('0'))
    const comes = async (number: number) => {
      await setTimeout(number % 7)
      await writer.append(Buffer.from(String(number)))
    }
    for (let round = 0; round < 20; round++)
      await Promise.all([
        writer.renew(),
        ...Array.from({ length: 8 }, (_, at) => comes(round * 8 + at + 1)),
      ])
    await writer.close()

    const texts = (await eventFiles()).map((file) => readFile(join(directory, file), 'utf8'))
    const lines = (await Promise.all(texts)).join('').trimEnd().split('\n')
    expect(lines.map(Number).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 161 }, (_, number) => number),
    )
  })

  it('gives nothing when nothing was ever appended', async () => {
    expect(
      (await readAll(createSpool({ name: 'webhook', directory }).read(null, forever))).records,
    ).toEqual([])
  })
})

describe('eraseFromSpools', () => {
  it('passes over a file that a server removed once it was listed', async () => {
    const spool = createSpool({ name: 'webhook', directory })
    await spool.append(Buffer.from('{"userId":"ada"}'))
    await symlink(join(directory, 'nowhere'), join(directory, '0000000000.events'))

    expect(await eraseFromSpools(join(directory, '..'), ['ada'])).toBe(1)
    await spool.close()
  })

  it('blanks what names somebody, and leaves every other line where it was', async () => {
    const spool = createSpool({ name: 'webhook', directory })
    const lines = [
      '{"userId":"ada","n":1}',
      '{"userId":"bob","n":2}',
      '{"userId":"Ada","traits":{"friend":"bob"}}',
      '{"userId":"adam","n":4}',
      '{"userId":1234,"n":5}',
      '{"userId":"x","n":1234567}',
    ]
    for (const line of lines.slice(0, 3)) await spool.append(Buffer.from(line))
    const { position } = await readAll(spool.read(null, forever))
    for (const line of lines.slice(3)) await spool.append(Buffer.from(line))

    expect(await eraseFromSpools(join(directory, '..'), ['ada'])).toBe(2)
    expect(await eraseFromSpools(join(directory, '..'), ['1234'])).toBe(1)
    await spool.append(Buffer.from('{"userId":"cyd"}'))

    const left = [lines[1], lines[3], lines[5], '{"userId":"cyd"}']
    expect((await readAll(spool.read(null, forever))).records).toEqual(left)
    const rest = (await readAll(spool.read(position, forever))).records
    expect(rest.slice(-3)).toEqual(left.slice(1))
    expect(await readFile(join(directory, '0000000001.events'), 'utf8')).not.toMatch(/ada"/i)
    await spool.close()
    expect(await eraseFromSpools(join(directory, 'none'), ['ada'])).toBe(0)
  })
})

describe('feedSpool', () => {
  it('appends whole lines as they come, and the last one without its end', async () => {
    const appended: string[] = []
    const spool = {
      append: async (bytes: Uint8Array) => void appended.push(Buffer.from(bytes).toString()),
    }

    await feedSpool(spool, streamOf('{"n":1}\n{"n"', ':2', '}\n{"n":3}\n', '{"n":4}'), forever)

    expect(appended).toEqual(['{"n":1}\n', '{"n":2}\n{"n":3}\n', '{"n":4}'])
  })

  it('stops when it is told to', async () => {
    const spool = { append: () => Promise.reject(new Error('never reached')) }

    await expect(
      feedSpool(spool, streamOf('{"n":1}\n'), AbortSignal.abort(new Error('stopped'))),
    ).rejects.toThrow('stopped')
  })
})
