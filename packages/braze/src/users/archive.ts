import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { pipeline, Transform } from 'node:stream'
import type { Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'

/** The archive is damaged, or is none. */
export class ArchiveError extends Error {
  override name = 'ArchiveError'
}

const END = { signature: 0x06054b50, bytes: 22, commentBytes: 65_535 }
const END_64 = { signature: 0x06064b50, bytes: 56 }
const LOCATOR_64 = { signature: 0x07064b50, bytes: 20 }
const CENTRAL = { signature: 0x02014b50, bytes: 46 }
const LOCAL = { signature: 0x04034b50, bytes: 30 }
const STORED = 0
const DEFLATED = 8
/** Stands for a number that has its place in the entry's 64-bit field instead. */
const ELSEWHERE = 0xffffffff
const FIELD_64 = 1

interface Entry {
  readonly name: string
  readonly method: number
  readonly bytes: number
  readonly offset: number
  /** Of what is packed. */
  readonly plain: Plain
}

/** What the bytes of an entry have to be. */
interface Plain {
  readonly bytes: number
  readonly checksum: number
}

/**
 * The files of a ZIP archive, one after another, each as a stream of its bytes; archives beyond 4 GB
 * included. Nothing is unpacked to disk. No library: Node unpacks, and what is left to do is to read
 * one table. A file whose bytes are not those that were packed ends with an error.
 *
 * @throws {ArchiveError}
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export async function* filesOfArchive(path: string): AsyncGenerator<Readable> {
  const handle = await open(path)
  try {
    for (const entry of await entriesOf(handle)) {
      if (entry.name.endsWith('/') || entry.bytes === 0) continue
      yield await contentOf(handle, path, entry)
    }
  } finally {
    await handle.close()
  }
}

async function contentOf(handle: FileHandle, path: string, entry: Entry): Promise<Readable> {
  if (entry.method !== STORED && entry.method !== DEFLATED)
    throw new ArchiveError(`it is packed by method ${entry.method}, which is unknown here`)
  const head = await read(handle, entry.offset, LOCAL.bytes)
  expectSignature(head, 0, LOCAL.signature)
  const start = entry.offset + LOCAL.bytes + head.readUInt16LE(26) + head.readUInt16LE(28)
  const packed = createReadStream(path, { start, end: start + entry.bytes - 1 })
  const checked = checking(entry.plain)
  // Whoever reads is told of what fails by the last of them.
  const done = () => undefined
  if (entry.method === STORED) pipeline(packed, checked, done)
  else pipeline(packed, createInflateRaw(), checked, done)
  return checked
}

/** Passes bytes on, and fails at their end where they are others than were packed. */
function checking(plain: Plain): Transform {
  let bytes = 0
  let checksum = 0
  return new Transform({
    transform(part: Buffer, _encoding, pass) {
      bytes += part.length
      checksum = crc32(part, checksum)
      pass(null, part)
    },
    flush(end) {
      const isWhole = bytes === plain.bytes && checksum === plain.checksum
      end(isWhole ? null : new ArchiveError('it is damaged'))
    },
  })
}

async function entriesOf(handle: FileHandle): Promise<readonly Entry[]> {
  const { offset, bytes } = await directoryOf(handle)
  const directory = await read(handle, offset, bytes)
  const entries: Entry[] = []
  for (let at = 0; at + CENTRAL.bytes <= directory.length;) {
    expectSignature(directory, at, CENTRAL.signature)
    const nameEnd = at + CENTRAL.bytes + directory.readUInt16LE(at + 28)
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30)
    entries.push(entryAt(directory, at, { nameEnd, extraEnd }))
    at = extraEnd + directory.readUInt16LE(at + 32)
  }
  return entries
}

function entryAt(
  directory: Buffer,
  at: number,
  { nameEnd, extraEnd }: { readonly nameEnd: number; readonly extraEnd: number },
): Entry {
  const large = field64(directory.subarray(nameEnd, extraEnd))
  const size = (small: number) => (small === ELSEWHERE ? large() : small)
  const plainBytes = size(directory.readUInt32LE(at + 24))
  return {
    name: directory.toString('utf8', at + CENTRAL.bytes, nameEnd),
    method: directory.readUInt16LE(at + 10),
    bytes: size(directory.readUInt32LE(at + 20)),
    offset: size(directory.readUInt32LE(at + 42)),
    plain: { bytes: plainBytes, checksum: directory.readUInt32LE(at + 16) },
  }
}

/** Gives the numbers of an entry's 64-bit field in their order: plain size, packed size, offset. */
function field64(extra: Buffer): () => number {
  let at = 0
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== FIELD_64)
    at += 4 + extra.readUInt16LE(at + 2)
  at += 4
  return () => {
    if (at + 8 > extra.length) throw new ArchiveError('it lacks a size')
    const value = Number(extra.readBigUInt64LE(at))
    at += 8
    return value
  }
}

/** Where the list of entries stands. */
async function directoryOf(
  handle: FileHandle,
): Promise<{ readonly offset: number; readonly bytes: number }> {
  const { size } = await handle.stat()
  const tailAt = Math.max(0, size - END.bytes - END.commentBytes)
  const tail = await read(handle, tailAt, size - tailAt)
  let at = tail.length - END.bytes
  while (at >= 0 && tail.readUInt32LE(at) !== END.signature) at--
  if (at < 0) throw new ArchiveError('it is no ZIP archive, or was cut short')
  const found = { bytes: tail.readUInt32LE(at + 12), offset: tail.readUInt32LE(at + 16) }
  const locatorAt = at - LOCATOR_64.bytes
  if (locatorAt < 0 || tail.readUInt32LE(locatorAt) !== LOCATOR_64.signature) return found
  const end = await read(handle, Number(tail.readBigUInt64LE(locatorAt + 8)), END_64.bytes)
  expectSignature(end, 0, END_64.signature)
  return { bytes: Number(end.readBigUInt64LE(40)), offset: Number(end.readBigUInt64LE(48)) }
}

async function read(handle: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes)
  const { bytesRead } = await handle.read(buffer, 0, bytes, offset)
  if (bytesRead < bytes) throw new ArchiveError('it was cut short')
  return buffer
}

function expectSignature(buffer: Buffer, at: number, signature: number): void {
  if (buffer.readUInt32LE(at) !== signature) throw new ArchiveError('it is damaged')
}
