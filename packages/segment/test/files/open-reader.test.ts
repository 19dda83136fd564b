import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UpToReader } from '../../src/files/byte-reader.ts'
import { openReader } from '../../src/files/open-reader.ts'
import { READ_BYTES } from '../../src/source/limits.ts'

/** Bytes that do not repeat within a read, so that swapped or lost ones show. */
const TEXT = Buffer.alloc(READ_BYTES * 3 + 12_345)
for (let at = 0; at + 4 <= TEXT.length; at += 4) TEXT.writeUInt32LE(at, at)

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'engage-sync-reader-'))
  await writeFile(join(directory, 'plain'), TEXT)
  await writeFile(join(directory, 'packed'), gzipSync(TEXT, { level: 1 }))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function readAll(name: string, offset: number, room: number): Promise<Buffer> {
  const reader = await openReader(join(directory, name), offset)
  const target = Buffer.alloc(room)
  const parts: Buffer[] = []
  for (;;) {
    const count = await reader.read(target, 7)
    if (count === 0) break
    parts.push(Buffer.from(target.subarray(7, 7 + count)))
  }
  expect(reader.failure).toBeNull()
  await reader.close()
  return Buffer.concat(parts)
}

describe.each(['plain', 'packed'])('a %s file', (name) => {
  it.each([
    [0, READ_BYTES + 7],
    [0, READ_BYTES * 2],
    [0, 300_000],
    [5, READ_BYTES + 7],
    [READ_BYTES * 2 + 1, 70_000],
    [TEXT.length, 1000],
  ])('is read whole from %i on, %i bytes at a time', async (offset, room) => {
    const bytes = await readAll(name, offset, room)

    expect(bytes.equals(TEXT.subarray(offset))).toBe(true)
  })

  it.each([0, 1, 5_000, READ_BYTES, READ_BYTES + 1, TEXT.length, Infinity])(
    'is read up to %i bytes',
    async (bytes) => {
      const reader = new UpToReader(await openReader(join(directory, name), 3), bytes)
      const target = Buffer.alloc(READ_BYTES)
      const parts: Buffer[] = []
      for (
        let count = await reader.read(target, 1);
        count > 0;
        count = await reader.read(target, 1)
      ) {
        parts.push(Buffer.from(target.subarray(1, 1 + count)))
      }
      await reader.close()

      expect(Buffer.concat(parts).equals(TEXT.subarray(3, 3 + bytes))).toBe(true)
    },
  )

  it('can be closed while more is being read', async () => {
    const reader = await openReader(join(directory, name), 0)

    const count = await reader.read(Buffer.alloc(READ_BYTES), 0)
    await reader.close()

    expect(count).toBeGreaterThan(0)
  })
})
