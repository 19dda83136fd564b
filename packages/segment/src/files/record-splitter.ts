import type { Rejection } from '@engage-sync/contract'
import { MAX_CHUNK_RECORDS, MAX_RECORD_BYTES, READ_BYTES } from '../source/index.ts'
import type { ByteReader } from './byte-reader.ts'
import { expandBatch, isBatchLine } from './expand.ts'
import { isUnfinished } from './unfinished.ts'
import { wholeRejection } from './whole-rejection.ts'

/** Limits of a splitter; the defaults are those of limits.ts. */
export interface SplitLimits {
  readonly maxRecordBytes?: number
  readonly readBytes?: number
  readonly maxChunkRecords?: number
}

/**
 * Buffers of a splitter, which one after another may use: a buffer of 2 MB for each of many small
 * files would cost more than reading them.
 */
export class SplitRoom {
  readonly bytes: Buffer
  /**
   * The same bytes as the plain array that everybody else passes on: code that meets both kinds is
   * compiled twice.
   */
  readonly plainBytes: Uint8Array
  readonly spans: Int32Array
  readonly maxRecordBytes: number
  readonly readBytes: number

  constructor({
    maxRecordBytes = MAX_RECORD_BYTES,
    readBytes = READ_BYTES,
    maxChunkRecords = MAX_CHUNK_RECORDS,
  }: SplitLimits = {}) {
    this.maxRecordBytes = maxRecordBytes
    this.readBytes = readBytes
    this.bytes = Buffer.allocUnsafe(maxRecordBytes + readBytes)
    this.plainBytes = new Uint8Array(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length)
    this.spans = new Int32Array(2 * maxChunkRecords)
  }
}

/** Records that were split off together; `bytes` and `spans` are valid until the next call. */
export interface RecordBatch {
  readonly bytes: Uint8Array
  readonly spans: Int32Array
  readonly count: number
  /** 1-based number of the first record in its file. */
  readonly firstRecord: number
  /** What stood after the records and never became one. */
  readonly rejected: readonly (Rejection & { readonly record: number })[]
  /** Where reading goes on after this batch: bytes of text, and records before it. */
  readonly offset: number
  readonly records: number
}

const NEWLINE = 10
const CARRIAGE_RETURN = 13
const SPACE = 32
const NOTHING_REJECTED: RecordBatch['rejected'] = []

/**
 * Splits text into records at its line ends, on bytes, in one buffer that is used again and again.
 *
 * Shape: `fill` reads, `next` gives batches until it gives null, then `fill` again; at the end
 * `end` gives what stands after the last line end. Blank lines are none; a line longer than the
 * limit is dropped as it is read, and told.
 */
export class RecordSplitter {
  readonly #bytes: Buffer
  readonly #plainBytes: Uint8Array
  readonly #spans: Int32Array
  readonly #maxRecordBytes: number
  readonly #readBytes: number
  /** Offset of the buffer's first byte in the text. */
  #base: number
  /** Records before `#at`. */
  #records: number
  #at = 0
  #filled = 0
  #count = 0
  /** The file as a whole is nothing that has an event a line, and not read. */
  #isRefused = false
  /** Length so far of a line too long to hold, which is being dropped; 0 when none is. */
  #dropped = 0

  constructor(from: { readonly offset: number; readonly records: number }, room: SplitRoom) {
    this.#maxRecordBytes = room.maxRecordBytes
    this.#readBytes = room.readBytes
    this.#bytes = room.bytes
    this.#plainBytes = room.plainBytes
    this.#spans = room.spans
    this.#base = from.offset
    this.#records = from.records
  }

  /** Reads more; false at the end of the file. */
  async fill(reader: ByteReader): Promise<boolean> {
    if (this.#isRefused) return false
    if (this.#at > 0) {
      this.#bytes.copyWithin(0, this.#at, this.#filled)
      this.#base += this.#at
      this.#filled -= this.#at
      this.#at = 0
    }
    const room = Math.min(this.#filled + this.#readBytes, this.#bytes.length)
    const count = await reader.read(this.#bytes.subarray(0, room), this.#filled)
    this.#filled += count
    return count > 0
  }

  /** The next records of what was read, or null when more must be read. */
  next(): RecordBatch | null {
    const filled = this.#bytes.subarray(0, this.#filled)
    this.#count = 0
    if (this.#isRefused) return null
    if (this.#dropped > 0) return this.#drop(filled)
    if (this.#records === 0 && this.#base === 0) {
      const rejection = wholeRejection(filled.subarray(this.#at))
      if (rejection !== null) return this.#refuseWhole(rejection)
    }
    while (this.#count * 2 < this.#spans.length) {
      const lineEnd = filled.indexOf(NEWLINE, this.#at)
      if (lineEnd < 0) return this.#keepRest()
      if (lineEnd - this.#at > this.#maxRecordBytes)
        return this.#refuse(lineEnd - this.#at, lineEnd + 1)
      const batch = this.#take(lineEnd)
      if (batch !== null) return batch
    }
    return this.#batch()
  }

  /**
   * What stands after the last line end, at the end of the file; null when there is nothing.
   *
   * Shape: a whole JSON text counts as read; anything else may still be being written, so it is
   * given as it is, but reading will go on before it; of a file that may grow, an unfinished text
   * is not given at all.
   */
  end({ isWhole }: { readonly isWhole: boolean }): RecordBatch | null {
    if (this.#isRefused) return null
    if (this.#dropped > 0) return this.#refuse(this.#dropped, this.#filled)
    if (!isWhole && isUnfinished(this.#bytes.subarray(this.#at, this.#filled))) return null
    this.#count = 0
    const from = this.#at
    const expanded = this.#take(this.#filled)
    if (expanded !== null) return expanded
    if (this.#count === 0) return null
    const [start, end] = this.#spans
    if (isJson(this.#bytes.subarray(start, end))) return this.#batch()
    const batch = this.#batch()
    return { ...batch, offset: this.#base + from, records: batch.records - 1 }
  }

  /** A batch without records, at the place reading has come to. */
  nothing(): RecordBatch {
    this.#count = 0
    return this.#batch()
  }

  /**
   * Takes the line from `#at` to `lineEnd`. A line with a batch ends what is being collected, and
   * is one by itself.
   */
  #take(lineEnd: number): RecordBatch | null {
    const start = this.#skipMark(this.#at)
    const end =
      this.#bytes[lineEnd - 1] === CARRIAGE_RETURN && lineEnd > start ? lineEnd - 1 : lineEnd
    if (isBatchLine(this.#bytes, start, end)) {
      if (this.#count > 0) return this.#batch()
      const expanded = expandBatch(this.#bytes.subarray(start, end))
      if (expanded !== null) return this.#expanded(expanded, lineEnd)
    }
    this.#at = Math.min(lineEnd + 1, this.#filled)
    if (this.#isBlank(start, end)) return null
    this.#spans[this.#count * 2] = start
    this.#spans[this.#count * 2 + 1] = end
    this.#count++
    this.#records++
    return null
  }

  #expanded(
    { bytes, spans }: { bytes: Uint8Array; spans: Int32Array },
    lineEnd: number,
  ): RecordBatch {
    const firstRecord = this.#records + 1
    const count = spans.length / 2
    this.#at = Math.min(lineEnd + 1, this.#filled)
    this.#records += count
    return { ...this.#place(), bytes, spans, count, firstRecord, rejected: NOTHING_REJECTED }
  }

  #batch(): RecordBatch {
    const count = this.#count
    const firstRecord = this.#records - count + 1
    return {
      ...this.#place(),
      bytes: this.#plainBytes,
      spans: this.#spans,
      count,
      firstRecord,
      rejected: NOTHING_REJECTED,
    }
  }

  #place(): { offset: number; records: number } {
    return { offset: this.#base + this.#at, records: this.#records }
  }

  /**
   * No further line end: what was collected so far; the rest stays, unless it is too long already.
   */
  #keepRest(): RecordBatch | null {
    if (this.#count > 0) return this.#batch()
    if (this.#filled - this.#at <= this.#maxRecordBytes) return null
    this.#dropped = this.#filled - this.#at
    this.#at = this.#filled
    return null
  }

  #drop(filled: Buffer): RecordBatch | null {
    const lineEnd = filled.indexOf(NEWLINE, this.#at)
    this.#dropped += (lineEnd < 0 ? this.#filled : lineEnd) - this.#at
    if (lineEnd >= 0) return this.#refuse(this.#dropped, lineEnd + 1)
    this.#at = this.#filled
    return null
  }

  /** Ends a batch with a record that is too long; what comes before it stays in the batch. */
  #refuse(length: number, next: number): RecordBatch {
    const batch = this.#batch()
    this.#dropped = 0
    this.#at = next
    this.#records++
    const message = `Expected a record of at most ${this.#maxRecordBytes} bytes, got ${length}.`
    return {
      ...batch,
      ...this.#place(),
      rejected: [{ code: 'RECORD_TOO_LONG', message, record: this.#records }],
    }
  }

  /**
   * One rejection for the whole file: each of its lines would be one otherwise, and none would say
   * what to do.
   */
  #refuseWhole(rejection: Rejection): RecordBatch {
    this.#isRefused = true
    return { ...this.nothing(), rejected: [{ ...rejection, record: 1 }] }
  }

  /** A byte order mark at the very beginning is no part of the first record. */
  #skipMark(start: number): number {
    const bytes = this.#bytes
    const hasMark =
      this.#base + start === 0 &&
      bytes[start] === 0xef &&
      bytes[start + 1] === 0xbb &&
      bytes[start + 2] === 0xbf
    return hasMark && this.#filled >= start + 3 ? start + 3 : start
  }

  #isBlank(start: number, end: number): boolean {
    let at = start
    while (at < end && this.#bytes[at]! <= SPACE) at++
    return at >= end
  }
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'))
    return true
  } catch {
    return false
  }
}
