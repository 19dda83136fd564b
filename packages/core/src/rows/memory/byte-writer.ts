import { grown } from './grown.ts'

const FIRST_BYTES = 4096

/** A growing buffer of little-endian numbers and bytes. */
export class ByteWriter {
  bytes: Uint8Array
  length = 0
  #view: DataView

  constructor(size = FIRST_BYTES) {
    this.bytes = new Uint8Array(size)
    this.#view = new DataView(this.bytes.buffer)
  }

  u8(value: number): void {
    this.#room(1)
    this.bytes[this.length++] = value
  }

  u16(value: number): void {
    this.#room(2)
    this.#view.setUint16(this.length, value, true)
    this.length += 2
  }

  u32(value: number): void {
    this.#room(4)
    this.#view.setUint32(this.length, value, true)
    this.length += 4
  }

  /** Appends bytes `start` to `end` of a source. */
  span(source: Uint8Array, start: number, end: number): void {
    this.#room(end - start)
    this.bytes.set(source.subarray(start, end), this.length)
    this.length += end - start
  }

  /** Appends UTF-8 text after its length as u32. */
  text(value: string): void {
    const bytes = encoder.encode(value)
    this.u32(bytes.length)
    this.span(bytes, 0, bytes.length)
  }

  /** Appends little-endian numbers `from` to `to` of a source. */
  words(source: Uint32Array, from: number, to: number): void {
    this.#room((to - from) * 4)
    for (let index = from; index < to; index++, this.length += 4)
      this.#view.setUint32(this.length, source[index], true)
  }

  /** What was written, without a copy: the writer is used up. */
  take(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  #room(count: number): void {
    if (this.length + count <= this.bytes.length) return
    this.bytes = grown(this.bytes, Math.max(this.bytes.length * 2, this.length + count))
    this.#view = new DataView(this.bytes.buffer)
  }
}

/** Reads what a `ByteWriter` wrote; throws a RangeError past the end. */
export class ByteReader {
  at = 0
  readonly bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  u8(): number {
    return this.#view.getUint8(this.at++)
  }

  u16(): number {
    const value = this.#view.getUint16(this.at, true)
    this.at += 2
    return value
  }

  u32(): number {
    const value = this.#view.getUint32(this.at, true)
    this.at += 4
    return value
  }

  /** The next bytes, as a view. */
  span(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) throw new RangeError('Past the end')
    const view = this.bytes.subarray(this.at, this.at + length)
    this.at += length
    return view
  }

  text(): string {
    return decoder.decode(this.span(this.u32()))
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
