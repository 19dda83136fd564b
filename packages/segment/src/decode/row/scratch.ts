/**
 * Bytes a decoder writes what it had to rewrite to; spans of it stay valid until the next `clear`.
 */
export class Scratch {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(4096)
  length = 0
  readonly #encoder = new TextEncoder()

  clear(): void {
    this.length = 0
  }

  /** Appends a text as UTF-8; it starts where `length` was and ends where `length` is. */
  append(text: string): void {
    this.#ensure(text.length * 3)
    this.length += this.#encoder.encodeInto(text, this.bytes.subarray(this.length)).written
  }

  #ensure(more: number): void {
    const needed = this.length + more
    if (needed <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }
}
