import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { constants, createGunzip } from 'node:zlib'
import { errorCode } from '../errors.ts'
import { GUNZIP_BYTES, READ_BYTES } from '../limits.ts'
import type { ByteReader, ReadFailure } from './byte-reader.ts'

/** Gives the compressed bytes from their beginning; called again when the end turns out to be cut off. */
export type OpenCompressed = () => Readable

/**
 * Reads gzip from an offset of its uncompressed bytes on.
 *
 * A file that was cut off gives everything before the cut: zlib drops what it had ready when it finds the end missing,
 * so the rest is read a second time with a decoder that accepts an open end.
 */
export class GunzipReader implements ByteReader {
  failure: ReadFailure | null = null
  readonly #open: OpenCompressed
  #compressed: Readable
  #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)
  /** Uncompressed bytes still to drop. */
  #skip: number
  #delivered: number

  constructor(open: OpenCompressed, offset: number) {
    this.#open = open
    this.#skip = offset
    this.#delivered = offset
    this.#compressed = open()
    this.#chunks = gunzip(this.#compressed, constants.Z_FINISH)
  }

  static fromFile(path: string, offset: number): GunzipReader {
    return new GunzipReader(() => createReadStream(path, { highWaterMark: READ_BYTES }), offset)
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    while (this.#rest.length === 0) {
      const chunk = await this.#next()
      if (chunk === null) return 0
      const dropped = Math.min(this.#skip, chunk.length)
      this.#skip -= dropped
      this.#rest = chunk.subarray(dropped)
    }
    const from = this.#rest
    const count = from.copy(target, at)
    this.#rest = from.subarray(count)
    if (this.#rest.length === 0) release(from)
    this.#delivered += count
    return count
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
    await closed(this.#compressed)
  }

  async #next(): Promise<Buffer | null> {
    try {
      const { done, value } = await this.#chunks.next()
      return done === true ? null : value
    } catch (error) {
      if (this.failure !== null || !errorCode(error).startsWith('Z_')) throw error
      this.failure = failureOf(errorCode(error))
      if (this.failure.code === 'SOURCE_CORRUPT') return null
      this.#skip = this.#delivered
      await closed(this.#compressed)
      this.#compressed = this.#open()
      this.#chunks = gunzip(this.#compressed, constants.Z_SYNC_FLUSH)
      return this.#next()
    }
  }
}

/**
 * Frees the memory of a chunk that was copied, when nothing more will be written into it.
 *
 * zlib makes a buffer for each chunk. Left to the garbage collector, 32 MB of them cost a full collection.
 */
function release({ buffer, byteOffset, byteLength }: Buffer): void {
  const isLastOfBuffer = byteOffset + byteLength === buffer.byteLength
  if (isLastOfBuffer && buffer instanceof ArrayBuffer && buffer.byteLength === GUNZIP_BYTES) buffer.transfer(0)
}

function gunzip(compressed: Readable, finishFlush: number): AsyncIterator<Buffer> {
  const stream = createGunzip({ chunkSize: GUNZIP_BYTES, finishFlush })
  compressed.on('error', (error) => stream.destroy(error))
  compressed.pipe(stream)
  return stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
}

async function closed(stream: Readable): Promise<void> {
  if (stream.closed) return
  const closing = once(stream, 'close')
  stream.destroy()
  await closing
}

function failureOf(code: string): ReadFailure {
  if (code === 'Z_BUF_ERROR') return { code: 'SOURCE_TRUNCATED', message: 'The gzip file ends before its end; what came before was read.' }
  return { code: 'SOURCE_CORRUPT', message: `The gzip file is damaged (${code}); what came before was read.` }
}
