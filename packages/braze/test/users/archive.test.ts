import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { crc32, deflateRawSync } from 'node:zlib'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { filesOfArchive } from '../../src/users/archive.ts'

let file = ''
beforeEach(() => {
  const directory = mkdtempSync(join(tmpdir(), 'engage-sync-archive-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  file = join(directory, 'a.zip')
})

const ELSEWHERE = 0xffffffff

/** Numbers one after another: [bytes, value]. */
function packed(...numbers: readonly (readonly [bytes: 2 | 4 | 8, value: number])[]): Buffer {
  return Buffer.concat(
    numbers.map(([bytes, value]) => {
      const buffer = Buffer.alloc(8)
      buffer.writeBigUInt64LE(BigInt(value))
      return buffer.subarray(0, bytes)
    }),
  )
}

/** An archive as one beyond 4 GB is: every size and place stands in 64-bit fields. */
function largeArchive(contents: readonly string[], method: number): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const [at, content] of contents.entries()) {
    const plain = Buffer.from(content)
    const data = method === 8 ? deflateRawSync(plain) : plain
    const name = Buffer.from(`${at}.txt`)
    const facts = [
      [2, 45],
      [2, 0],
      [2, method],
      [2, 0],
      [2, 0x21],
      [4, crc32(plain)],
    ] as const
    const sizes = [
      [4, ELSEWHERE],
      [4, ELSEWHERE],
      [2, name.length],
    ] as const
    const field = [
      [8, plain.length],
      [8, data.length],
    ] as const
    const local = Buffer.concat([
      packed([4, 0x04034b50], ...facts, ...sizes, [2, 20]),
      name,
      packed([2, 1], [2, 16], ...field),
      data,
    ])
    centrals.push(
      packed([4, 0x02014b50], [2, 45], ...facts, ...sizes, [2, 33], [2, 0], [2, 0], [2, 0], [4, 0]),
      packed([4, ELSEWHERE]),
      name,
      // A field of somebody else's stands before.
      packed([2, 0x5455], [2, 1], [2, 0]).subarray(0, 5),
      packed([2, 1], [2, 24], ...field, [8, offset]),
    )
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(centrals)
  const count = contents.length
  const end = [
    packed([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count]),
    packed([8, directory.length], [8, offset]),
    packed([4, 0x07064b50], [4, 0], [8, offset + directory.length], [4, 1]),
    packed([4, 0x06054b50], [2, 0], [2, 0], [2, 0xffff], [2, 0xffff]),
    packed([4, ELSEWHERE], [4, ELSEWHERE], [2, 0]),
  ]
  return Buffer.concat([...locals, directory, ...end])
}

async function textsOf(archive: Buffer): Promise<readonly string[]> {
  writeFileSync(file, archive)
  const texts: string[] = []
  for await (const content of filesOfArchive(file)) texts.push(await text(content))
  return texts
}

it.each([
  ['stored', 0],
  ['deflated', 8],
])('gives the files of an archive with 64-bit sizes, %s', async (_, method) => {
  const contents = ['one\ntwo\n', 'x'.repeat(100_000), 'three']

  expect(await textsOf(largeArchive(contents, method))).toEqual(contents)
})

it('says which way of packing it does not know', async () => {
  await expect(textsOf(largeArchive(['one'], 12))).rejects.toThrow('method 12')
})

it.each([
  ['stored', 0],
  ['deflated', 8],
])('gives nothing for whole that is other than was packed, %s', async (_, method) => {
  const content = '{"external_id":"ada","custom_attributes":{"ltv":41}}\n'
  const archive = largeArchive([content], method)
  const data = method === 8 ? deflateRawSync(Buffer.from(content)) : Buffer.from(content)
  // A value becomes another one, and everything is still a line of JSON.
  const changed = Buffer.from(content.replace('41', '47'))
  const other = method === 8 ? deflateRawSync(changed) : changed
  expect(other).toHaveLength(data.length)
  other.copy(archive, archive.indexOf(data))

  await expect(textsOf(archive)).rejects.toThrow('damaged')
})
