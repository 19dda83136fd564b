import { EXACT_BYTE, readExact } from '@engage-sync/contract'
import type { DecodedRow, ExactValue, Json } from '@engage-sync/contract'
import { VALUE_SEED } from '../rows/hash/digest.ts'
import { hashBytes, hashOut } from '../rows/hash/murmur.ts'
import type { OpenPartition } from '../rows/pending/open-partition.ts'
import { REJECTED } from './classes.ts'
import type { FoldListener } from './counts.ts'
import type { FrozenColumns } from './frozen-columns.ts'

const decoder = new TextDecoder()
const NULL_TEXT = new TextEncoder().encode('null')

/** A value in a slot's own terms. */
interface Encoded {
  low: number
  high: number
  /** The encoded text as bytes: a span of the record, or a text of its own. */
  bytes: Uint8Array
  from: number
  to: number
}

/** Which slots of users who waited since an earlier run may have been sent without an answer. */
export interface UnansweredSlots {
  /** @param user - text of the identifier, as rows hold it */
  isUnanswered(user: string, column: number): boolean
}

const NOBODY: readonly string[] = []

/**
 * Where the fold stands: one value of one record, and the row it goes to. Reused; nothing here
 * outlives a call.
 */
export class FoldCursor {
  open!: OpenPartition
  row = 0
  time = 0
  record = 0
  /** The value's canonical text. */
  bytes: Uint8Array = new Uint8Array(0)
  from = 0
  to = 0
  /** Digest of the source value's text. */
  low = 0
  high = 0
  /** Changes overtaken by this value, since last read. */
  superseded = 0
  listener!: FoldListener
  /** Columns that stay as they are; null for none. */
  frozenColumns: FrozenColumns | null = null
  /** Those of the row. */
  frozen: ReadonlySet<number> | null = null
  /** The value was for one of these, since last read. */
  isFrozen = false
  /** Tells of values a slot cannot take though it was told before: for retries. */
  reportsAgain = false
  /** A value that was refused before is one that came before. */
  repeats = false
  /** Class of the value that was refused last. */
  refusal = REJECTED
  /**
   * The destination may have lost what slots hold, so it is told again whether it changed or not.
   */
  resends = false
  /** That something is gone is told again, too. */
  resendsAbsent = false
  /** Of these columns alone; null for all. */
  resendColumns: ReadonlySet<number> | null = null
  /** The record is one a run that did not end had read: it may have sent what it made of it. */
  inDoubt = false
  /** The record is one that waited since an earlier run. */
  isWaiting = false
  /** Null where it is not known which: any of them. */
  unanswered: UnansweredSlots | null = null
  /** Which of those runs' records this is one of, counted from 0; -1 where there was none. */
  unconfirmedRunIndex = -1
  /** What the value is for the slot at hand. Filled by `digestFor` and `encodeFor`. */
  readonly encoded: Encoded = { low: 0, high: 0, bytes: new Uint8Array(0), from: 0, to: 0 }
  #decoded!: DecodedRow
  #parsed: Json | undefined = undefined
  #rejectedBy = NOBODY

  /** Starts on a record. */
  start(decoded: DecodedRow, record: number, listener: FoldListener): void {
    this.#decoded = decoded
    this.record = record
    this.time = decoded.time
    this.bytes = decoded.bytes
    this.listener = listener
  }

  /** Moves to the record's value n. */
  value(index: number): void {
    this.from = this.#decoded.valueStart[index]
    this.to = this.#decoded.valueEnd[index]
    this.#hash()
  }

  /** Stands on a null of this time, which no record says. */
  startNull(time: number, listener: FoldListener): void {
    this.record = -1
    this.time = time
    this.bytes = NULL_TEXT
    this.listener = listener
    this.from = 0
    this.to = NULL_TEXT.length
    this.#hash()
  }

  /** Moves to a row. */
  at(open: OpenPartition, row: number): void {
    this.open = open
    this.row = row
    this.frozen = this.frozenColumns?.of(open.rows.number, row) ?? null
  }

  /**
   * Whether a mapping's rejection of the value is still to be told: its other slots would say the
   * same.
   */
  tellsRejection(mapping: string): boolean {
    if (this.#rejectedBy.includes(mapping)) return false
    this.#rejectedBy = [...this.#rejectedBy, mapping]
    return true
  }

  /** Whether what a column holds is sent again. */
  resendsColumn(column: number): boolean {
    return this.resends && (this.resendColumns === null || this.resendColumns.has(column))
  }

  /** Whether the destination may hold another value of a slot of the row than the row knows of. */
  isInDoubt(column: number): boolean {
    if (this.inDoubt || !this.isWaiting) return this.inDoubt
    return this.unanswered?.isUnanswered(this.open.rows.idText(this.row), column) ?? true
  }

  /**
   * The value, parsed once however many slots want it. Integers that no double holds are their
   * digits, as text.
   */
  json(): Json {
    this.#parsed ??= this.exact()?.json ?? (JSON.parse(this.#text()) as Json)
    return this.#parsed
  }

  /** The value and where in it digits would be lost; null when none would. */
  exact(): ExactValue | null {
    return this.bytes[this.from] === EXACT_BYTE ? readExact(this.#text()) : null
  }

  #text(): string {
    return decoder.decode(this.bytes.subarray(this.from, this.to))
  }

  #hash(): void {
    this.#parsed = undefined
    this.#rejectedBy = NOBODY
    hashBytes(this.bytes, this.from, this.to, VALUE_SEED)
    this.low = hashOut[0]
    this.high = hashOut[1]
  }
}
