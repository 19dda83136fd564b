import type { RequestPart } from '@engage-sync/contract'

const FIRST_BYTES = 16_384
const COMMA = 0x2c

/**
 * One array of a body while it fills: the objects' bytes with commas between, and whose they are.
 * Used again after each body.
 */
export class BodyArray {
  #parts: RequestPart[] = []
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #length = 0

  get count(): number {
    return this.#parts.length
  }

  /** Bytes of the objects and the commas between them. */
  get length(): number {
    return this.#length
  }

  /** Appends one object of at most so many bytes. */
  append(part: RequestPart, text: string, mostBytes: number): void {
    this.#reserve(mostBytes + 1)
    if (this.#length > 0) this.#buffer[this.#length++] = COMMA
    this.#length += this.#buffer.write(text, this.#length, 'utf8')
    this.#parts.push(part)
  }

  /** Copies the bytes into a body; returns the place after them. */
  copyTo(body: Buffer, at: number): number {
    this.#buffer.copy(body, at, 0, this.#length)
    return at + this.#length
  }

  /** Hands out the parts and begins anew. */
  take(): RequestPart[] {
    const parts = this.#parts
    this.#parts = []
    this.#length = 0
    return parts
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#length + bytes))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}
