import type { DecodedRow, RawChunk, RowDecoder } from '@engage-sync/contract'
import type { OpenPartition } from '../rows/pending/open-partition.ts'
import type { OpenRows } from '../rows/pending/open-rows.ts'
import { SEEN_THIS_READ } from '../rows/pending/row-notes.ts'
import { ALIAS, userText } from '../rows/hash/user-key.ts'
import { classOf, SKIPPED, STALE, WAITS } from './classes.ts'
import { Recounted } from './counted-before.ts'
import type { ClassCounts, FoldListener, Reasons } from './counts.ts'
import { HELD, NO_USER, OTHER_PASS, UserFinder } from './find-users.ts'
import { FoldCounts } from './fold-counts.ts'
import { FoldCursor } from './fold-cursor.ts'
import { foldKey } from './fold-key.ts'
import type { FrozenColumns } from './frozen-columns.ts'
import { columnsOf, keysOfSyncs, resendColumnsOf } from './folder-parts.ts'
import type { AskedDeletion, FolderParts, FoldPass, MissingUsers } from './folder-parts.ts'
import { isKnown, markGone } from './presence.ts'
import type { FoldProgram, KeyProgram } from './program.ts'

/** No record says the nulls of users who are gone, so nobody is told of them. */
const SILENT: FoldListener = { recordRejected: () => undefined, valueRejected: () => undefined }

/**
 * Folds decoded records into rows: per user and key the newest by event time, then by the larger
 * digest.
 *
 * Shape: raw chunks in; rows, pending entries and counts changed in place. Synchronous and pure of
 * I/O. `fold` stops before a record whose partition is not open and says which one it needs.
 */
export class Folder {
  readonly counts: readonly ClassCounts[]
  readonly totals: ClassCounts
  readonly reasons: Reasons
  readonly unmapped: Reasons
  readonly program: FoldProgram
  readonly users: UserFinder
  /** Told of users Segment asks to forget. The key is reused: read it at once. */
  onDelete: ((deletion: AskedDeletion) => void) | null = null
  /**
   * Told of records that wait for a user, and not folded for that one; by the user's text. They are
   * counted when they are folded.
   */
  onHeld: ((record: number, user: string) => void) | null = null
  /**
   * Told of records of which a part waits, since it is for columns that stay as they are; by the
   * user's text. That part is counted when it is folded.
   */
  onFrozen: ((record: number, user: string) => void) | null = null
  readonly #rows: OpenRows
  readonly #decoder: RowDecoder
  readonly #counted: FoldCounts
  readonly #pass: FoldPass | null
  readonly #cursor = new FoldCursor()
  readonly #syncBits: Uint8Array
  readonly #identityOfSync: Int32Array
  /** What each sync does with its keys; none without any. */
  readonly #keysOfSyncs: readonly (readonly KeyProgram[])[]
  readonly #waiting: number
  readonly #ends: readonly number[]
  /** What of those that waited is counted already; null where they are counted as any. */
  readonly #recounted: Recounted | null
  /** The same of the record at hand; null where it is counted as any. */
  #again: Recounted | null = null
  #record = 0

  constructor(parts: FolderParts) {
    this.program = parts.program
    this.#rows = parts.rows
    this.#decoder = parts.decoder
    this.#counted = new FoldCounts(parts)
    const { counts, totals, reasons, unmapped } = this.#counted
    this.counts = counts
    this.totals = totals
    this.reasons = reasons
    this.unmapped = unmapped
    this.#pass = parts.pass ?? null
    this.#waiting = parts.waiting ?? 0
    this.#ends = (parts.ends ?? []).map((end) => this.#waiting + end)
    this.#cursor.reportsAgain = parts.reportsAgain ?? false
    this.#cursor.repeats = parts.repeats ?? false
    this.#cursor.resends = parts.resends ?? false
    this.#cursor.resendsAbsent = parts.resendsAbsent ?? false
    this.#cursor.resendColumns = resendColumnsOf(parts)
    this.#cursor.unanswered = parts.unanswered ?? null
    const before = parts.countedBefore ?? null
    this.#recounted = before === null ? null : new Recounted(before, parts.program.syncs.length)
    this.#syncBits = new Uint8Array(parts.program.syncs.length)
    this.#identityOfSync = Int32Array.from(parts.program.identityOfSync)
    this.#keysOfSyncs = keysOfSyncs(parts.program)
    this.users = new UserFinder(parts.program.plan.identities, parts.rows)
    if (this.#pass === null) return
    this.users.only = this.#pass.only
    this.users.owners = this.#pass.owners
  }

  /** Partition to open before folding can go on, or -1. */
  get missing(): number {
    return this.users.missing
  }

  /**
   * Folds from record `from` on; returns how far it came: `chunk.count`, or where `missing` must be
   * opened first.
   */
  fold(chunk: RawChunk, from: number): number {
    const { spans, bytes, count, rows } = chunk
    for (let record = from; record < count; record++) {
      const row =
        rows === undefined
          ? this.#decoder.decode(bytes, spans[record * 2], spans[record * 2 + 1])
          : rows.at(record)
      this.#again = this.#record < this.#waiting ? this.#recounted : null
      this.#again?.start(this.#record)
      if (row.status === 'changes') {
        if (!this.#foldChanges(row, record)) return record
      } else this.#foldOther(row, record)
      this.#record++
    }
    return count
  }

  /** Records so far of which nobody can say whom they speak of. */
  get unreadable(): number {
    return this.#counted.unreadable
  }

  /** Counts records that never became bytes. */
  countRejected(code: string, message: string): void {
    this.#counted.countRejected(code, message)
  }

  /**
   * Folds a null of every wanted key into the rows of a partition that a sync of this program has
   * seen, and no record spoke of since `startRead`: those users are gone. What a record of nulls
   * would do, but no record is counted, and the user is in no segment from then on; unless
   * something the sync holds is newer, which stays.
   *
   * @param time - event time of the nulls, milliseconds
   */
  deleteMissing(open: OpenPartition, { time, skipsAliases }: MissingUsers): void {
    const cursor = this.#cursor
    const { rows, pending } = open
    cursor.startNull(time, SILENT)
    for (let row = 0; row < rows.rows; row++) {
      if (pending.notes.isSeenThisRead(row) || (skipsAliases && rows.kindOf(row) === ALIAS))
        continue
      cursor.at(open, row)
      for (const programs of this.#keysOfSyncs)
        if (isKnown(programs[0], cursor)) this.#deleteRow(programs)
    }
  }

  /** Folds a null of every key of a sync into the cursor's row. */
  #deleteRow(programs: readonly KeyProgram[]): void {
    const cursor = this.#cursor
    let isNewer = false
    for (const program of programs)
      if ((this.#foldInto(program, cursor) & STALE) !== 0) isNewer = true
    // What stays as it is is found gone by the next reading, too.
    cursor.isFrozen = false
    if (!isNewer) markGone(programs[0], cursor)
  }

  /** Columns of rows nothing is folded into; null for none. */
  set frozen(columns: FrozenColumns | null) {
    this.#cursor.frozenColumns = columns
  }

  #foldOther(row: DecodedRow, record: number): void {
    const counted = this.#counted
    if (row.status === 'rejected') counted.unreadable++
    // Whoever has the user forgets them.
    if (row.status === 'delete') this.#tellDelete(row, record)
    // Whom it is about, and what it says, was counted when it came.
    if (counted.isFirst && this.#again === null) counted.countOther(row, record)
  }

  #tellDelete(row: DecodedRow, record: number): void {
    if (this.onDelete === null) return
    for (let identity = 0; identity < this.users.rows.length; identity++) {
      const key = this.users.keyOf(row, identity)
      if (key === null) continue
      if (this.users.holds(key)) this.onHeld?.(record, userText(key))
      else this.onDelete({ identity, key, time: row.time })
    }
  }

  #tellHeld(row: DecodedRow, record: number): void {
    for (let identity = 0; identity < this.users.rows.length; identity++) {
      if (this.users.partitions[identity] !== HELD) continue
      const key = this.users.keyOf(row, identity)
      if (key !== null) this.onHeld?.(record, userText(key))
    }
  }

  /** False when a partition must be opened first; nothing was changed then. */
  #foldChanges(row: DecodedRow, record: number): boolean {
    if (!this.users.find(row)) return false
    if (this.users.isHeld) this.#tellHeld(row, record)
    this.#syncBits.fill(0)
    if (this.#again === null) this.#counted.countUnmappedKeys(row)
    const cursor = this.#cursor
    cursor.start(row, record, this.#counted.listener)
    if (this.#ends.length + this.#waiting > 0) this.#findUnconfirmedRun()
    for (let index = 0; index < row.count; index++) {
      cursor.value(index)
      for (const program of this.program.keys[row.keyIndex[index]]) this.#foldKey(program)
    }
    this.#countRecord()
    return true
  }

  /**
   * Of what waited it is not known what the destination holds, nor of what runs had read that did
   * not end.
   */
  #findUnconfirmedRun(): void {
    const cursor = this.#cursor
    const index = this.#ends.findIndex((end) => this.#record < end)
    cursor.inDoubt = index >= 0
    cursor.isWaiting = this.#record < this.#waiting
    if (this.#ends.length > 0) cursor.unconfirmedRunIndex = index < 0 ? this.#ends.length : index
  }

  #foldKey(program: KeyProgram): void {
    const partition = this.users.partitions[program.identity]
    if (partition <= OTHER_PASS || (partition === NO_USER && !this.#counted.isFirst)) return
    const isCounted = this.#again?.has(this.#userOf(program.identity), columnsOf(program)) === true
    this.#counted.isCounted = isCounted
    const bits = partition === NO_USER ? SKIPPED : this.#foldValue(program, partition)
    if (this.#cursor.isFrozen) return this.#tellFrozen(program)
    if (isCounted) return this.#again?.note(program.sync, bits)
    this.#syncBits[program.sync] |= bits
    const number = classOf(bits)
    this.counts[program.sync].values[number]++
    this.totals.values[number]++
  }

  #tellFrozen({ sync }: KeyProgram): void {
    const { open, row, record } = this.#cursor
    this.#cursor.isFrozen = false
    this.#syncBits[sync] |= WAITS
    this.onFrozen?.(record, open.rows.idText(row))
  }

  #foldValue(program: KeyProgram, partition: number): number {
    const row = this.users.rows[program.identity]
    const open = this.#rows.at(partition)
    this.#cursor.at(open, row)
    open.pending.notes.note(row, SEEN_THIS_READ)
    return this.#foldInto(program, this.#cursor)
  }

  #foldInto(program: KeyProgram, cursor: FoldCursor): number {
    const bits = foldKey(program, cursor)
    this.counts[program.sync].superseded += cursor.superseded
    this.totals.superseded += cursor.superseded
    cursor.superseded = 0
    return bits
  }

  #countRecord(): void {
    let all = 0
    for (let sync = 0; sync < this.#syncBits.length; sync++) {
      const bits = this.#syncBits[sync]
      all |= bits
      if (bits !== WAITS && this.#isCountedFor(sync, bits & ~WAITS))
        this.counts[sync].records[classOf(bits & ~WAITS || this.#counted.saysNothing)]++
    }
    const isWhole = !this.users.isHeld && all !== WAITS
    all &= ~WAITS
    const isCounted = this.#again?.hasRecord(all) === true
    if (!isWhole || isCounted) return this.#pass?.classes.add(this.#record, isWhole ? 0 : WAITS)
    if (all === SKIPPED) this.#counted.countSkipped(this.users.onlyUsers !== null)
    if (this.#pass === null)
      this.totals.records[classOf(all === 0 ? this.#counted.saysNothing : all)]++
    else this.#pass.classes.add(this.#record, all | this.#counted.saysNothing)
  }

  /**
   * Whether this pass is the one that counts the record for a sync, and nobody did before.
   *
   * @param bits - of what was not counted before
   */
  #isCountedFor(sync: number, bits: number): boolean {
    const identity = this.#identityOfSync[sync]
    const partition = this.users.partitions[identity]
    if (partition < 0 && (partition !== NO_USER || !this.#counted.isFirst)) return false
    return this.#again?.hasSync(sync, this.#userOf(identity), bits) !== true
  }

  /** Text of the user of an identity; empty where the record names none. */
  #userOf(identity: number): string {
    const partition = this.users.partitions[identity]
    return partition < 0 ? '' : this.#rows.at(partition).rows.idText(this.users.rows[identity])
  }
}
