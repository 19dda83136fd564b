import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { constants, createGunzip } from 'node:zlib'
import type { Gunzip } from 'node:zlib'
import { errorCode, READ_BYTES } from '../source/index.ts'
import type { ByteReader, ReadFailure } from './byte-reader.ts'
import { GUNZIP_BYTES, MIN_GUNZIP_BYTES } from './limits.ts'

const NOTHING = Buffer.alloc(0)
/** Events are packed about this many to one. */
const USUAL_RATIO = 16

/** Chunks that are unpacked before they are asked for. */
const CHUNKS_AHEAD = 4
/** Around a fault: pieces so small that reading the last one byte by byte takes no time. */
const PIECES: readonly number[] = [4096, 64, 1]

/**
 * Gives the compressed bytes from their beginning; called again when the end turns out to be cut
 * off.
 */
export type OpenCompressed = () => Readable

/**
 * Reads gzip from an offset of its uncompressed bytes on.
 *
 * A file that was cut off or is damaged gives everything before that place: zlib drops what it had
 * ready when it finds the end missing or a fault, so the rest is read again, by a decoder that
 * accepts an open end, from smaller and smaller pieces around the fault.
 */
export class GunzipReader implements ByteReader {
  failure: ReadFailure | null = null
  readonly isWhole = true
  readonly #open: OpenCompressed
  #compressed: Readable
  #chunks: AsyncIterator<Buffer>
  readonly #chunkBytes: number
  /** What zlib gave last, and what of it was not given on yet. */
  #chunk: Buffer = NOTHING
  #rest: Buffer = NOTHING
  /** Uncompressed bytes still to drop. */
  #skip: number
  #delivered: number
  /** Compressed bytes that were read without a fault, by the stream at hand. */
  #stream: Gunzip | null = null
  /** Sizes of pieces that were not tried yet. */
  #pieces: readonly number[] = PIECES

  /**
   * @param compressedBytes - how many there are, when that is known: small files get small buffers
   */
  constructor(open: OpenCompressed, offset: number, compressedBytes = Infinity) {
    this.#open = open
    this.#chunkBytes = Math.min(
      GUNZIP_BYTES,
      Math.max(MIN_GUNZIP_BYTES, compressedBytes * USUAL_RATIO),
    )
    this.#skip = offset
    this.#delivered = offset
    this.#compressed = open()
    this.#chunks = this.#gunzip(constants.Z_FINISH)
  }

  static fromFile(path: string, offset: number, compressedBytes: number): GunzipReader {
    const highWaterMark = Math.min(READ_BYTES, compressedBytes + 1)
    return new GunzipReader(
      () => createReadStream(path, { highWaterMark }),
      offset,
      compressedBytes,
    )
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    while (this.#rest.length === 0) {
      if (isLastOfBuffer(this.#chunk)) this.#release()
      const chunk = await this.#next()
      if (chunk === null) return 0
      const dropped = Math.min(this.#skip, chunk.length)
      this.#skip -= dropped
      this.#chunk = chunk
      this.#rest = chunk.subarray(dropped)
    }
    const count = this.#rest.copy(target, at)
    this.#rest = this.#rest.subarray(count)
    this.#delivered += count
    return count
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
    await closed(this.#compressed)
  }

  /**
   * Frees the memory of the last chunk, once it was copied and zlib is through with its buffer.
   *
   * zlib makes a buffer for each chunk. Left to the garbage collector, 32 MB of them cost a full
   * collection.
   */
  #release(): void {
    const { buffer } = this.#chunk
    if (buffer instanceof ArrayBuffer && buffer.byteLength === this.#chunkBytes) buffer.transfer(0)
    this.#rest = this.#chunk = NOTHING
  }

  #gunzip(finishFlush: number): AsyncIterator<Buffer> {
    // A transform stream's own option, which zlib hands on: unpacking goes on while what came
    // before is worked on.
    const options = {
      chunkSize: this.#chunkBytes,
      finishFlush,
      readableHighWaterMark: CHUNKS_AHEAD * this.#chunkBytes,
    }
    const stream = createGunzip(options)
    this.#stream = stream
    this.#compressed.on('error', (error) => stream.destroy(error))
    this.#compressed.pipe(stream)
    return stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  async #next(): Promise<Buffer | null> {
    try {
      const { done, value } = await this.#chunks.next()
      if (done !== true) return value
      this.#release()
      return null
    } catch (error) {
      if (!errorCode(error).startsWith('Z_')) throw error
      this.failure ??= failureOf(errorCode(error))
      const [size, ...smaller] = this.#pieces
      if (size === undefined) return null
      this.#pieces = smaller
      const sound = this.#stream?.bytesWritten ?? 0
      this.#skip = this.#delivered
      await closed(this.#compressed)
      this.#compressed = Readable.from(inPieces(this.#open(), sound, size), { objectMode: false })
      this.#chunks = this.#gunzip(constants.Z_SYNC_FLUSH)
      return this.#next()
    }
  }
}

/**
 * The same bytes, from a place on in pieces of a size: what zlib made of the pieces before a fault
 * is not lost.
 */
async function* inPieces(
  bytes: AsyncIterable<Buffer>,
  from: number,
  size: number,
): AsyncGenerator<Buffer> {
  let at = 0
  for await (const chunk of bytes) {
    const sound = Math.max(0, Math.min(chunk.length, from - at))
    if (sound > 0) yield chunk.subarray(0, sound)
    for (let start = sound; start < chunk.length; start += size)
      yield chunk.subarray(start, start + size)
    at += chunk.length
  }
}

/** Whether a chunk reaches to the end of its buffer, so that zlib begins a new one. */
function isLastOfBuffer({ buffer, byteOffset, byteLength }: Buffer): boolean {
  return byteOffset + byteLength === buffer.byteLength
}

async function closed(stream: Readable): Promise<void> {
  if (stream.closed) return
  const closing = once(stream, 'close')
  stream.destroy()
  await closing
}

function failureOf(code: string): ReadFailure {
  if (code === 'Z_BUF_ERROR')
    return {
      code: 'SOURCE_TRUNCATED',
      message: 'The gzip file ends before its end; what came before was read.',
    }
  return {
    code: 'SOURCE_CORRUPT',
    message: `The gzip file is damaged (${code}); what came before was read.`,
  }
}
