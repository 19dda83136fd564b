import { appendFile, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordsOf, streamContract } from '@engage-sync/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFileSource } from '../../src/files/source.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'engage-follow-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

streamContract('a file that grows', async (records) => {
  const folder = await mkdtemp(join(tmpdir(), 'engage-follow-contract-'))
  const file = join(folder, 'events.ndjson')
  await writeFile(file, records.map((record) => `${record}\n`).join(''))
  return {
    source: createFileSource({ path: '*.ndjson', root: folder, maxChunkRecords: 5 }),
    append: (record) => appendFile(file, `${record}\n`),
    close: () => rm(folder, { recursive: true, force: true }),
  }
})

streamContract('a folder that gets files', async (records) => {
  const folder = await mkdtemp(join(tmpdir(), 'engage-follow-contract-'))
  let files = 0
  const append = (record: string) =>
    writeFile(join(folder, `${String(++files).padStart(4, '0')}.ndjson`), `${record}\n`)
  for (const record of records) await append(record)
  return {
    source: createFileSource({ path: '.', root: folder }),
    append,
    close: () => rm(folder, { recursive: true, force: true }),
  }
})

/** Follows a place; `next` gives what came together. */
function follow(
  path: string | readonly string[],
  more: Partial<Parameters<typeof createFileSource>[0]> = {},
) {
  const stop = new AbortController()
  const source = createFileSource({ path, root, ...more })
  const chunks = source.follow(null, stop.signal)[Symbol.asyncIterator]()
  return {
    async next(): Promise<readonly string[]> {
      const { value } = await chunks.next()
      return value === undefined ? [] : recordsOf(value)
    },
    async stop(): Promise<void> {
      stop.abort()
      expect((await chunks.next()).done).toBe(true)
    },
  }
}

describe('who follows files', () => {
  it('waits for what is not there yet', async () => {
    const following = follow('data/*.ndjson')
    const first = following.next()
    await mkdir(join(root, 'data'))
    await writeFile(join(root, 'data/a.ndjson'), '{"n":1}\n')

    expect(await first).toEqual(['{"n":1}'])
    await following.stop()
  })

  it('reads what is there, though one of several places is not there yet', async () => {
    await writeFile(join(root, 'a.ndjson'), '{"n":1}\n')
    const following = follow(['a.ndjson', 'later/*.ndjson'])
    expect(await following.next()).toEqual(['{"n":1}'])
    const second = following.next()
    await mkdir(join(root, 'later'))
    await writeFile(join(root, 'later/b.ndjson'), '{"n":2}\n')

    expect(await second).toEqual(['{"n":2}'])
    await following.stop()
  })

  it('gives a line once it has its end', async () => {
    const file = join(root, 'a.ndjson')
    await writeFile(file, '{"n":1}\n{"n":')
    const following = follow('a.ndjson')
    expect(await following.next()).toEqual(['{"n":1}'])
    const second = following.next()
    await appendFile(file, '2}\n')

    expect(await second).toEqual(['{"n":2}'])
    await following.stop()
  })

  it('goes on in a file that was moved away, as logs are, and in the one begun in its place', async () => {
    await writeFile(join(root, 'a.log'), '{"n":1}\n')
    const following = follow('*.log')
    expect(await following.next()).toEqual(['{"n":1}'])
    await rename(join(root, 'a.log'), join(root, 'a.1.log'))
    await appendFile(join(root, 'a.1.log'), '{"n":2}\n')
    await writeFile(join(root, 'a.log'), '{"n":3}\n')

    const came = [await following.next(), await following.next()].flat()
    expect(came.toSorted()).toEqual(['{"n":2}', '{"n":3}'])
    await following.stop()
  })

  it.each([
    ['moved away', (file: string) => rename(file, join(root, 'b.1.log'))],
    ['copied and cut off', (file: string) => copyFile(file, join(root, 'b.1.log'))],
  ])('loses nothing of one that is %s while others are read', async (_, rotate) => {
    await writeFile(join(root, 'a.log'), '{"a":1}\n{"a":2}\n')
    await writeFile(join(root, 'b.log'), '{"b":1}\n{"b":2}\n{"b":3}\n')
    const following = follow('*.log', { maxChunkRecords: 1 })
    const came = new Set(await following.next())
    await rotate(join(root, 'b.log'))
    await writeFile(join(root, 'b.log'), '{"b":4}\n')

    while (came.size < 6) for (const text of await following.next()) came.add(text)
    const all = ['{"a":1}', '{"a":2}', '{"b":1}', '{"b":2}', '{"b":3}', '{"b":4}']
    expect([...came].toSorted()).toEqual(all)
    await following.stop()
  })
})
