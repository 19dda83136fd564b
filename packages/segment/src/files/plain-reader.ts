import type { FileHandle } from 'node:fs/promises'
import { READ_BYTES } from '../source/index.ts'
import type { ByteReader } from './byte-reader.ts'

/**
 * Reads a plain file from an offset on, one read ahead: the next bytes come while the last ones are
 * being worked on.
 *
 * What was read ahead is copied out before the next read begins, so one buffer does; files of one
 * read need none.
 */
export class PlainReader implements ByteReader {
  readonly failure = null
  readonly isWhole = false
  readonly #file: FileHandle
  #position: number
  #ahead: Buffer | null = null
  /** The bytes that are being read ahead. */
  #reading: Promise<Uint8Array> | null = null
  /** What of them was not given yet. */
  #rest: Uint8Array = new Uint8Array(0)

  constructor(file: FileHandle, offset: number) {
    this.#file = file
    this.#position = offset
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    const room = target.length - at
    if (this.#rest.length === 0) {
      if (this.#reading === null) return this.#readFirst(target, at)
      this.#rest = await this.#reading
    }
    const given = this.#rest.subarray(0, room)
    target.set(given, at)
    this.#rest = this.#rest.subarray(given.length)
    if (given.length > 0 && this.#rest.length === 0) this.#readAhead()
    return given.length
  }

  async close(): Promise<void> {
    await this.#reading?.catch(() => {})
    await this.#file.close()
  }

  async #readFirst(target: Uint8Array, at: number): Promise<number> {
    const count = await this.#readInto(target, at)
    if (count === target.length - at) this.#readAhead()
    return count
  }

  #readAhead(): void {
    const ahead = (this.#ahead ??= Buffer.allocUnsafe(READ_BYTES))
    this.#reading = this.#readInto(ahead, 0).then((count) => ahead.subarray(0, count))
    // Whoever reads next is told; until then it is no unhandled rejection.
    this.#reading.catch(() => {})
  }

  async #readInto(target: Uint8Array, at: number): Promise<number> {
    const { bytesRead } = await this.#file.read(target, at, target.length - at, this.#position)
    this.#position += bytesRead
    return bytesRead
  }
}
