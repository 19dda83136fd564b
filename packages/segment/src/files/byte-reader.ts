import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { READ_BYTES } from '../limits.ts'
import { GunzipReader } from './gunzip-reader.ts'

/** Bytes of one file, in order. */
export interface ByteReader {
  /** Writes the next bytes into `target` from `at` on; how many, 0 at the end. */
  read(target: Uint8Array, at: number): Promise<number>
  /** Why the end came too early, once it came; null when it is a true end. */
  readonly failure: ReadFailure | null
  close(): Promise<void>
}

/** A file that ended, or broke, before its end. */
export interface ReadFailure {
  readonly code: 'SOURCE_TRUNCATED' | 'SOURCE_CORRUPT'
  readonly message: string
}

/** Reads no more than so many bytes of another reader; what comes behind them is none of its business. */
export class UpToReader implements ByteReader {
  readonly #reader: ByteReader
  #left: number

  /** @param bytes - to be read at most; Infinity for all */
  constructor(reader: ByteReader, bytes: number) {
    this.#reader = reader
    this.#left = bytes
  }

  get failure(): ReadFailure | null {
    return this.#left === 0 ? null : this.#reader.failure
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    if (this.#left === 0) return 0
    const count = await this.#reader.read(target.subarray(0, Math.min(target.length, at + this.#left)), at)
    this.#left -= count
    return count
  }

  close(): Promise<void> {
    return this.#reader.close()
  }
}

const GZIP_MAGIC = [0x1f, 0x8b] as const

/** Whether the first bytes of a file are gzip's, whatever its name. */
export async function isGzip(file: FileHandle): Promise<boolean> {
  const first = Buffer.alloc(2)
  const { bytesRead } = await file.read(first, 0, 2, 0)
  return bytesRead === 2 && first[0] === GZIP_MAGIC[0] && first[1] === GZIP_MAGIC[1]
}

/**
 * Reads a plain file from an offset on, one read ahead: the next bytes come while the last ones are being worked on.
 *
 * What was read ahead is copied out before the next read begins, so one buffer does; files of one read need none.
 */
export class PlainReader implements ByteReader {
  readonly failure = null
  readonly #file: FileHandle
  #position: number
  #ahead: Buffer | null = null
  #reading: Promise<number> | null = null
  /** What of `#ahead` was not given yet. */
  #rest: Uint8Array = new Uint8Array(0)

  constructor(file: FileHandle, offset: number) {
    this.#file = file
    this.#position = offset
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    const room = target.length - at
    if (this.#rest.length === 0) {
      if (this.#reading === null) return this.#readFirst(target, at)
      this.#rest = this.#ahead!.subarray(0, await this.#reading)
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
    this.#ahead ??= Buffer.allocUnsafe(READ_BYTES)
    this.#reading = this.#readInto(this.#ahead, 0)
    // Whoever reads next is told; until then it is no unhandled rejection.
    this.#reading.catch(() => {})
  }

  async #readInto(target: Uint8Array, at: number): Promise<number> {
    const { bytesRead } = await this.#file.read(target, at, target.length - at, this.#position)
    this.#position += bytesRead
    return bytesRead
  }
}

/** Opens a file to read its text from an offset of its (uncompressed) bytes on. */
export async function openReader(path: string, offset: number): Promise<ByteReader> {
  const file = await open(path, 'r')
  let isPlain = false
  try {
    isPlain = !(await isGzip(file))
    return isPlain ? new PlainReader(file, offset) : GunzipReader.fromFile(path, offset, (await file.stat()).size)
  } finally {
    if (!isPlain) await file.close()
  }
}
