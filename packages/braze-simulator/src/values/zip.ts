import { crc32, deflateRawSync } from 'node:zlib'

/** One file of an archive. */
export interface ArchivedFile {
  readonly name: string
  readonly content: string
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const VERSION = 20
const DEFLATE = 8

/** A ZIP archive of text files. @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export function zip(files: readonly ArchivedFile[]): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const { name, content } of files) {
    const bytes = Buffer.from(content)
    const packed = deflateRawSync(bytes)
    const facts = factsOf(name, bytes, packed.length)
    const local = Buffer.concat([uint32(LOCAL), uint16(VERSION), facts, Buffer.from(name), packed])
    centrals.push(
      Buffer.concat([
        uint32(CENTRAL),
        uint16(VERSION),
        uint16(VERSION),
        facts,
        Buffer.alloc(10),
        uint32(offset),
        Buffer.from(name),
      ]),
    )
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(centrals)
  const count = uint16(files.length)
  const end = Buffer.concat([
    uint32(END),
    Buffer.alloc(4),
    count,
    count,
    uint32(directory.length),
    uint32(offset),
    uint16(0),
  ])
  return Buffer.concat([...locals, directory, end])
}

/** Flags, method, time, checksum, sizes and name length: the part both headers share. */
function factsOf(name: string, bytes: Buffer, packedBytes: number): Buffer {
  return Buffer.concat([
    ...[0, DEFLATE, 0, 0x21].map(uint16),
    ...[crc32(bytes), packedBytes, bytes.length].map(uint32),
    ...[Buffer.byteLength(name), 0].map(uint16),
  ])
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
