/** Bytes of one file, in order. */
export interface ByteReader {
  /** Writes the next bytes into `target` from `at` on; how many, 0 at the end. */
  read(target: Uint8Array, at: number): Promise<number>
  /** Why the end came too early, once it came; null when it is a true end. */
  readonly failure: ReadFailure | null
  /** What is read cannot grow: its end is its end. */
  readonly isWhole: boolean
  close(): Promise<void>
}

/** A file that ended, or broke, before its end. */
export interface ReadFailure {
  readonly code: 'SOURCE_TRUNCATED' | 'SOURCE_CORRUPT'
  readonly message: string
}

/**
 * Reads no more than so many bytes of another reader; what comes behind them is none of its
 * business.
 */
export class UpToReader implements ByteReader {
  readonly #reader: ByteReader
  #left: number

  /** @param bytes - to be read at most; Infinity for all */
  constructor(reader: ByteReader, bytes: number) {
    this.#reader = reader
    this.#left = bytes
  }

  get isWhole(): boolean {
    return this.#reader.isWhole
  }

  get failure(): ReadFailure | null {
    return this.#left === 0 ? null : this.#reader.failure
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    if (this.#left === 0) return 0
    const count = await this.#reader.read(
      target.subarray(0, Math.min(target.length, at + this.#left)),
      at,
    )
    this.#left -= count
    return count
  }

  close(): Promise<void> {
    return this.#reader.close()
  }
}
