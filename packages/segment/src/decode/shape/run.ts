const WORD = 8
/** Runs that are shared; the same few hundred stand in thousands of places. */
const MAX_SHARED = 16_384

/**
 * Bytes that records share, ready to be compared.
 *
 * Eight bytes are compared at a time, read as doubles: two doubles that are equal have equal bytes,
 * unless they are the two zeros, which no JSON text holds.
 */
export class Run {
  readonly length: number
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #words: Float64Array
  /** The last eight bytes. */
  readonly #last: number

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.length = bytes.length
    this.#view = viewOf(bytes)
    this.#words = Float64Array.from({ length: Math.floor(bytes.length / WORD) }, (_, index) =>
      this.wordAt(index * WORD),
    )
    this.#last = bytes.length < WORD ? 0 : this.wordAt(bytes.length - WORD)
  }

  /** Eight bytes of the run; it must be long enough. */
  wordAt(offset: number): number {
    return this.#view.getFloat64(offset, true)
  }

  /** Whether the run stands at a place of a record that ends at `end`. */
  stands(view: DataView, at: number, end: number): boolean {
    const length = this.length
    if (at + length > end) return false
    if (length < WORD) return this.#standsShort(view, at)
    const words = this.#words
    for (let index = 0; index < words.length; index++) {
      if (view.getFloat64(at + index * WORD, true) !== words[index]) return false
    }
    return view.getFloat64(at + length - WORD, true) === this.#last
  }

  /** The first place where two runs differ; the shorter length when one begins the other. */
  differsAt(other: Run): number {
    let at = 0
    while (at < this.length && at < other.length && this.#bytes[at] === other.#bytes[at]) at++
    return at
  }

  #standsShort(view: DataView, at: number): boolean {
    for (let index = 0; index < this.length; index++) {
      if (view.getUint8(at + index) !== this.#bytes[index]) return false
    }
    return true
  }
}

/** Gives the same run for the same bytes. */
export class RunTable {
  readonly #runs = new Map<string, Run>()

  of(bytes: Uint8Array, start: number, end: number): Run {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
    const known = this.#runs.get(key)
    if (known !== undefined) return known
    // A copy: chunks are read into the same buffer again, and `slice` of a Buffer would be a view
    // of it.
    const run = new Run(new Uint8Array(bytes.subarray(start, end)))
    if (this.#runs.size < MAX_SHARED) this.#runs.set(key, run)
    return run
  }
}

/** A view of the bytes of an array. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
