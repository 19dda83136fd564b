import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { recordsOf, sourceContract } from '@engage-sync/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RawChunk, SourcePosition } from '@engage-sync/contract'
import { createSpool, spoolSource } from '../../src/spool/spool.ts'

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
    const { records } = await readAll(spool.source.read(null, forever))
    await spool.close()

    expect(records.toSorted()).toEqual(
      Array.from({ length: 200 }, (_, number) => `{"n":${number}}`).toSorted(),
    )
  })

  it('goes on where it was while more is appended', async () => {
    const spool = createSpool({ name: 'webhook', directory })
    await spool.append(Buffer.from('{"n":1}\n'))
    const { position } = await readAll(spool.source.read(null, forever))
    await spool.append(Buffer.from('{"n":2}\n'))

    expect((await readAll(spool.source.read(position, forever))).records).toEqual(['{"n":2}'])
    await spool.close()
  })

  it('keeps a file that grew after it was read, although a newer one was begun', async () => {
    const spool = createSpool({ name: 'webhook', directory, maxFileBytes: 10 })
    await spool.append(Buffer.from('{"n":1}'))
    const { position } = await readAll(spool.source.read(null, forever))
    for (const number of [2, 3, 4]) await spool.append(Buffer.from(`{"n":${number}}`))
    await spool.close()

    expect((await readAll(spool.source.read(position, forever))).records).toEqual([
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

    expect((await readAll(again.source.read(null, forever))).records).toHaveLength(5)
    expect(await eventFiles()).toEqual([
      '0000000001.events',
      '0000000002.events',
      '0000000003.events',
      '0000000004.events',
      '0000000005.events',
      'notes.txt',
    ])
  })

  it('gives nothing when nothing was ever appended', async () => {
    expect(
      (await readAll(createSpool({ name: 'webhook', directory }).source.read(null, forever)))
        .records,
    ).toEqual([])
  })
})
