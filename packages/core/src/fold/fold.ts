import { ALIAS, EXTERNAL_ID, hashUser } from '../rows/partition.ts'
import type { UserKey } from '../rows/partition.ts'
import { hashOut } from '../rows/hash.ts'
import type { DecodedRow, RawChunk, RowDecoder } from '../source.ts'
import { PARTITIONS } from '../state-store.ts'
import { classOf, REJECTED, SKIPPED, UNMAPPED } from './classes.ts'
import { ClassCounts, Reasons } from './counts.ts'
import type { FoldListener } from './counts.ts'
import { FoldCursor } from './fold-cursor.ts'
import { foldOperand } from './fold-operand.ts'
import { TOUCHED } from './encoded.ts'
import { foldSlot } from './fold-slot.ts'
import type { FoldProgram, KeyProgram } from './program.ts'
import type { OpenRows } from './rows.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Folds decoded records into rows: per user and key the newest by event time, then by the larger digest.
 *
 * Shape: raw chunks in; rows, pending entries and counts changed in place. Synchronous and pure of I/O. `fold` stops
 * before a record whose partition is not open and says which one it needs.
 */
export class Folder {
  readonly counts: readonly ClassCounts[]
  readonly totals = new ClassCounts()
  readonly reasons = new Reasons()
  readonly unmapped = new Reasons()
  /** Partition to open before folding can go on, or -1. */
  missing = -1
  readonly program: FoldProgram
  readonly #rows: OpenRows
  readonly #decoder: RowDecoder
  readonly #listener: FoldListener
  readonly #cursor = new FoldCursor()
  readonly #syncBits: Uint8Array
  /** Row and partition by identity; -1 when the record has no such user. */
  readonly #rowOf: Int32Array
  readonly #partitionOf: Int32Array
  readonly #aliasLabels: readonly (Uint8Array | null)[]
  #aliasScratch = new Uint8Array(256)
  /** Told of records that carry both identifiers, when an identity promotes aliases. */
  onLink: ((link: { identity: number; partition: number; row: number; aliasKey: UserKey }) => void) | null = null
  /** Folds only users of these partitions; null folds all. */
  only: Uint8Array | null = null
  /** Folds only these users, by the text of their identifier; null folds all. */
  onlyUsers: ReadonlySet<string> | null = null

  constructor(parts: { program: FoldProgram; rows: OpenRows; decoder: RowDecoder; listener: FoldListener }) {
    this.program = parts.program
    this.#rows = parts.rows
    this.#decoder = parts.decoder
    this.#listener = parts.listener
    this.counts = parts.program.syncs.map(() => new ClassCounts())
    this.#syncBits = new Uint8Array(parts.program.syncs.length)
    this.#rowOf = new Int32Array(parts.program.plan.identities.length)
    this.#partitionOf = new Int32Array(parts.program.plan.identities.length)
    this.#aliasLabels = parts.program.plan.identities.map((rule) =>
      rule.alias === null ? null : encoder.encode(`${rule.alias.label}\u0000`),
    )
  }

  /** Folds from record `from` on; returns how far it came: `chunk.count`, or where `missing` must be opened first. */
  fold(chunk: RawChunk, from: number): number {
    const { spans, bytes, count } = chunk
    for (let record = from; record < count; record++) {
      const row = this.#decoder.decode(bytes, spans[record * 2], spans[record * 2 + 1])
      if (row.status === 'changes') {
        if (!this.#foldChanges(row, record)) return record
      } else this.#countOther(row, record)
    }
    return count
  }

  /** Counts records that never became bytes. */
  countRejected(code: string, message: string): void {
    this.#countAll(REJECTED)
    this.reasons.add(code, message)
  }

  #countOther(row: DecodedRow, record: number): void {
    if (row.status === 'unmapped') {
      for (const key of row.unmapped.length > 0 ? row.unmapped : [row.reason]) this.unmapped.add(key, '')
      this.#countAll(UNMAPPED)
      return
    }
    this.reasons.add(row.reason, row.message)
    if (row.status !== 'rejected') return this.#countAll(SKIPPED)
    this.#countAll(REJECTED)
    this.#listener.recordRejected(record, { code: row.reason, message: row.message })
  }

  #countAll(bit: number): void {
    const number = classOf(bit)
    this.totals.records[number]++
    for (const counts of this.counts) counts.records[number]++
  }

  /** False when a partition must be opened first; nothing was changed then. */
  #foldChanges(row: DecodedRow, record: number): boolean {
    if (!this.#findUsers(row)) return false
    this.#syncBits.fill(0)
    for (const key of row.unmapped) this.unmapped.add(key, '')
    const cursor = this.#cursor
    cursor.start(row, record, this.#listener)
    for (let index = 0; index < row.count; index++) {
      cursor.value(index)
      for (const program of this.program.keys[row.keyIndex[index]]) this.#foldKey(program)
    }
    this.#countRecord()
    return true
  }

  #foldKey(program: KeyProgram): void {
    const number = this.#partitionOf[program.identity]
    let bits = SKIPPED
    if (number >= 0) {
      const row = this.#rowOf[program.identity]
      const open = this.#rows.partitions[number]!
      const cursor = this.#cursor
      cursor.at(open, row)
      open.pending.touched[row] |= TOUCHED
      const seen = row * open.rows.layout.stride + program.seenOffset
      if (open.rows.words[seen] === 0) open.rows.words[seen] = 1
      bits = 0
      for (let index = 0; index < program.slots.length; index++) bits |= foldSlot(program.slots[index], cursor)
      const known = bits
      for (let index = 0; index < program.operands.length; index++) bits |= foldOperand(program.operands[index], cursor)
      if (known !== 0) bits = known
      this.counts[program.sync].superseded += cursor.superseded
      this.totals.superseded += cursor.superseded
      cursor.superseded = 0
    }
    this.#syncBits[program.sync] |= bits
    const number2 = classOf(bits)
    this.counts[program.sync].values[number2]++
    this.totals.values[number2]++
  }

  #countRecord(): void {
    let all = 0
    for (let sync = 0; sync < this.#syncBits.length; sync++) {
      const bits = this.#syncBits[sync]
      all |= bits
      this.counts[sync].records[classOf(bits === 0 ? UNMAPPED : bits)]++
    }
    if (all === SKIPPED) this.reasons.add('SKIPPED_OTHER_USER', 'No user this run works on.')
    this.totals.records[classOf(all === 0 ? UNMAPPED : all)]++
  }

  /** Finds or adds each identity's row. False when a partition is not open. */
  #findUsers(row: DecodedRow): boolean {
    for (let identity = 0; identity < this.#rowOf.length; identity++) {
      const key = this.#keyOf(row, identity)
      if (key === null) {
        this.#partitionOf[identity] = -1
        continue
      }
      hashUser(key.kind, key.bytes, key.start, key.end)
      const low = hashOut[0]
      const high = hashOut[1]
      const number = low & (PARTITIONS - 1)
      if (!this.#isWanted(number, key)) {
        this.#partitionOf[identity] = -1
        continue
      }
      const open = this.#rows.partitions[number]
      if (open === undefined) {
        this.missing = number
        return false
      }
      let found = open.rows.find(high, key)
      if (found < 0) {
        found = open.rows.add(high, key)
        open.pending.ensureRow(found)
      }
      this.#rowOf[identity] = found
      this.#partitionOf[identity] = number
    }
    if (this.onLink !== null) this.#tellLinks(row)
    return true
  }

  #isWanted(partition: number, key: UserKey): boolean {
    if (this.only !== null && this.only[partition] === 0) return false
    return this.onlyUsers === null || this.onlyUsers.has(decoder.decode(key.bytes.subarray(key.start, key.end)).split('\u0000').at(-1)!)
  }

  readonly #externalKey: Mutable<UserKey> = { kind: EXTERNAL_ID, bytes: new Uint8Array(0), start: 0, end: 0 }
  readonly #aliasKey: Mutable<UserKey> = { kind: ALIAS, bytes: new Uint8Array(0), start: 0, end: 0 }

  #keyOf(row: DecodedRow, identity: number): UserKey | null {
    if (row.externalIdStart[identity] >= 0) {
      const key = this.#externalKey
      key.bytes = row.bytes
      key.start = row.externalIdStart[identity]
      key.end = row.externalIdEnd[identity]
      return key
    }
    return row.aliasStart[identity] >= 0 ? this.#aliasOf(row, identity) : null
  }

  #aliasOf(row: DecodedRow, identity: number): UserKey {
    const label = this.#aliasLabels[identity]!
    const length = label.length + row.aliasEnd[identity] - row.aliasStart[identity]
    if (length > this.#aliasScratch.length) this.#aliasScratch = new Uint8Array(length * 2)
    this.#aliasScratch.set(label)
    this.#aliasScratch.set(row.bytes.subarray(row.aliasStart[identity], row.aliasEnd[identity]), label.length)
    const key = this.#aliasKey
    key.bytes = this.#aliasScratch
    key.end = length
    return key
  }

  #tellLinks(row: DecodedRow): void {
    for (let identity = 0; identity < this.#rowOf.length; identity++) {
      if (row.externalIdStart[identity] < 0 || row.aliasStart[identity] < 0 || this.#partitionOf[identity] < 0) continue
      this.onLink!({ identity, partition: this.#partitionOf[identity], row: this.#rowOf[identity], aliasKey: this.#aliasOf(row, identity) })
    }
  }
}
