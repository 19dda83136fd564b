import { Readable } from 'node:stream'
import { GunzipReader } from '../files/index.ts'
import type { ByteReader } from '../files/index.ts'
import type { Bucket, S3Object } from './bucket.ts'

/** Reads bytes that come in pieces. */
class PiecesReader implements ByteReader {
  readonly failure = null
  readonly isWhole = true
  readonly #pieces: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#pieces.next()
      if (done === true) return 0
      this.#rest = value
    }
    const count = this.#rest.copy(target, at)
    this.#rest = this.#rest.subarray(count)
    return count
  }

  async close(): Promise<void> {
    await this.#pieces.return?.()
  }
}

/**
 * Opens an object to read its text from an offset of its (unpacked) bytes on.
 *
 * Shape: gzip is known by its first bytes; plain objects are asked for from the offset on, packed
 * ones are read again from the start.
 */
export async function openObject(
  bucket: Bucket,
  { object, offset }: { readonly object: S3Object; readonly offset: number },
  signal: AbortSignal,
): Promise<ByteReader> {
  const pieces = bucket.download(object, 0, signal)[Symbol.asyncIterator]()
  const first = await readStart(pieces)
  const isGzip = first[0] === 0x1f && first[1] === 0x8b
  if (!isGzip && offset === 0) return new PiecesReader(replay(first, pieces))
  if (!isGzip) {
    await pieces.return?.()
    return new PiecesReader(bucket.download(object, offset, signal))
  }
  let opened = 0
  // Asked for a second time when the end turns out to be cut off.
  const open = (): AsyncIterable<Buffer> =>
    opened++ === 0 ? replay(first, pieces) : bucket.download(object, 0, signal)
  return new GunzipReader(() => Readable.from(open(), { objectMode: false }), offset)
}

/** Enough of the first bytes to know gzip. */
async function readStart(pieces: AsyncIterator<Buffer>): Promise<Buffer> {
  let start: Buffer = Buffer.alloc(0)
  while (start.length < 2) {
    const { done, value } = await pieces.next()
    if (done === true) return start
    start = start.length === 0 ? value : Buffer.concat([start, value])
  }
  return start
}

async function* replay(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first
    for (let piece = await rest.next(); piece.done !== true; piece = await rest.next())
      yield piece.value
  } finally {
    await rest.return?.()
  }
}
