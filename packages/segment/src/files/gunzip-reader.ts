import type { FileHandle } from 'node:fs/promises'
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
  readonly #close: () => Promise<void>
  #stream: Readable
  #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)
  /** Uncompressed bytes still to drop. */
  #skip: number
  #delivered: number

  constructor(openCompressed: OpenCompressed, offset: number, close: () => Promise<void> = async () => {}) {
    this.#open = openCompressed
    this.#close = close
    this.#skip = offset
    this.#delivered = offset
    this.#stream = this.#start(constants.Z_FINISH)
    this.#chunks = chunksOf(this.#stream)
  }

  /** Takes over an open file. */
  static open(file: FileHandle, offset: number): GunzipReader {
    const openCompressed = (): Readable => file.createReadStream({ start: 0, autoClose: false, highWaterMark: READ_BYTES })
    return new GunzipReader(openCompressed, offset, () => file.close())
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    while (this.#rest.length === 0) {
      const chunk = await this.#next()
      if (chunk === null) return 0
      const dropped = Math.min(this.#skip, chunk.length)
      this.#skip -= dropped
      this.#rest = chunk.subarray(dropped)
    }
    const count = this.#rest.copy(target, at)
    this.#rest = this.#rest.subarray(count)
    this.#delivered += count
    return count
  }

  async close(): Promise<void> {
    this.#stream.destroy()
    await this.#close()
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
      this.#stream = this.#start(constants.Z_SYNC_FLUSH)
      this.#chunks = chunksOf(this.#stream)
      return this.#next()
    }
  }

  #start(finishFlush: number): Readable {
    const compressed = this.#open()
    const gunzip = createGunzip({ chunkSize: GUNZIP_BYTES, finishFlush })
    compressed.on('error', (error) => gunzip.destroy(error))
    gunzip.on('close', () => compressed.destroy())
    return compressed.pipe(gunzip)
  }
}

function chunksOf(stream: Readable): AsyncIterator<Buffer> {
  return stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
}

function failureOf(code: string): ReadFailure {
  if (code === 'Z_BUF_ERROR') return { code: 'SOURCE_TRUNCATED', message: 'The gzip file ends before its end; what came before was read.' }
  return { code: 'SOURCE_CORRUPT', message: `The gzip file is damaged (${code}); what came before was read.` }
}
