import { grown, nextSize } from '../memory/grown.ts'

const FIRST_BYTES = 1024
/** More bytes than this are given back between two windows. */
const KEPT_BYTES = 2 ** 20

/** Canonical value texts, one after another. */
export class Arena {
  bytes = new Uint8Array(FIRST_BYTES)
  length = 0

  /** Copies a span in; returns its offset. */
  add(source: Uint8Array, start: number, end: number): number {
    const at = this.length
    const needed = at + end - start
    const isOwn = source === this.bytes
    if (needed > this.bytes.length)
      this.bytes = grown(this.bytes, Math.max(needed, nextSize(this.bytes.length)))
    const target = this.bytes
    const bytes = isOwn ? target : source
    for (let to = at, from = start; from < end; to++, from++) target[to] = bytes[from]
    this.length = needed
    return at
  }

  /** Forgets all texts. */
  reset(): void {
    this.length = 0
    if (this.bytes.length > KEPT_BYTES) this.bytes = grown(this.bytes, FIRST_BYTES)
  }

  /** The text at an offset. */
  text(at: number, length: number): string {
    return decoder.decode(this.bytes.subarray(at, at + length))
  }
}

const decoder = new TextDecoder()
