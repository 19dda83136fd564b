import type { RawChunk, RejectedRecord, SourcePosition } from '@engage-sync/contract'
import { expandBatch, isBatchLine } from '../../files/index.ts'
import { MAX_CHUNK_RECORDS, MAX_RECORD_BYTES, READ_BYTES } from '../../source/index.ts'

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20

/** Records out of whole messages, until they are enough for a chunk. */
export class MessageChunk {
  readonly #name: string
  readonly #parts: Uint8Array[] = []
  readonly #spans: number[] = []
  readonly #rejected: RejectedRecord[] = []
  #bytes = 0

  /** @param name - where the first message stands, for messages to people */
  constructor(name: string) {
    this.#name = name
  }

  get isFull(): boolean {
    return this.#bytes >= READ_BYTES || this.#spans.length >= 2 * MAX_CHUNK_RECORDS
  }

  /** Takes the records of a message: one a line, or several in one, as in files. Blank lines are none. */
  add(message: Uint8Array): void {
    const bytes = Buffer.from(message.buffer, message.byteOffset, message.length)
    for (let start = 0; start < bytes.length;) {
      const found = bytes.indexOf(NEWLINE, start)
      const end = found < 0 ? bytes.length : found
      this.#addLine(bytes, start, end)
      start = end + 1
    }
  }

  /** Tells of records that cannot be had. */
  reject(code: string, message: string): void {
    const record = this.#spans.length / 2 + this.#rejected.length + 1
    this.#rejected.push({ code, message, origin: this.#name, record })
  }

  /** @param position - after the last message that was added */
  take(position: SourcePosition): RawChunk {
    return {
      bytes: Buffer.concat(this.#parts, this.#bytes),
      spans: Int32Array.from(this.#spans),
      count: this.#spans.length / 2,
      position,
      origin: { name: this.#name, firstRecord: 1 },
      rejected: this.#rejected,
    }
  }

  #addLine(bytes: Buffer, start: number, lineEnd: number): void {
    const end = lineEnd > start && bytes[lineEnd - 1] === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd
    if (isBlank(bytes.subarray(start, end))) return
    if (end - start > MAX_RECORD_BYTES) {
      const expected = `Expected a record of at most ${MAX_RECORD_BYTES} bytes`
      return this.reject('RECORD_TOO_LONG', `${expected}, got ${end - start}.`)
    }
    const several = isBatchLine(bytes, start, end) ? expandBatch(bytes.subarray(start, end)) : null
    if (several === null) this.#addRecords(bytes.subarray(start, end), [0, end - start])
    else this.#addRecords(several.bytes, several.spans)
  }

  /** A line end behind each part, so that a chunk reads as a file does. */
  #addRecords(bytes: Uint8Array, spans: Iterable<number>): void {
    for (const at of spans) this.#spans.push(this.#bytes + at)
    this.#parts.push(bytes, LINE_END)
    this.#bytes += bytes.length + 1
  }
}

function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte > SPACE) return false
  return true
}

const LINE_END = Uint8Array.of(NEWLINE)
