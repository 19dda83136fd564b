import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
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

const GZIP_MAGIC = [0x1f, 0x8b] as const

/** Whether the first bytes of a file are gzip's, whatever its name. */
export async function isGzip(file: FileHandle): Promise<boolean> {
  const first = Buffer.alloc(2)
  const { bytesRead } = await file.read(first, 0, 2, 0)
  return bytesRead === 2 && first[0] === GZIP_MAGIC[0] && first[1] === GZIP_MAGIC[1]
}

/** Reads a plain file from an offset on. */
export class PlainReader implements ByteReader {
  readonly failure = null
  readonly #file: FileHandle
  #position: number

  constructor(file: FileHandle, offset: number) {
    this.#file = file
    this.#position = offset
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    const { bytesRead } = await this.#file.read(target, at, target.length - at, this.#position)
    this.#position += bytesRead
    return bytesRead
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** Opens a file to read its text from an offset of its (uncompressed) bytes on. */
export async function openReader(path: string, offset: number): Promise<ByteReader> {
  const file = await open(path, 'r')
  let isPlain = false
  try {
    isPlain = !(await isGzip(file))
    return isPlain ? new PlainReader(file, offset) : GunzipReader.fromFile(path, offset)
  } finally {
    if (!isPlain) await file.close()
  }
}
