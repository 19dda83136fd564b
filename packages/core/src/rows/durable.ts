import { SyncError } from '@engage-sync/contract'
import { ByteReader, ByteWriter } from './memory/byte-writer.ts'
import { isNothing, NOTHING } from './hash/digest.ts'
import { hashOut } from './hash/murmur.ts'
import type { Layout } from './layout.ts'
import { Partition } from './partition.ts'
import { hashUser } from './hash/user-key.ts'
import type { UserKey } from './hash/user-key.ts'

/**
 * The bytes a partition leaves behind: snapshots (everything) and deltas (what one commit changed).
 *
 * All numbers are little-endian. A delta is a list of operations: `1 row idLength id` a new row ·
 * `2 row column words…` one column · `3 row flags` the head · `4 row column length text` a stored
 * text (length 0 forgets it) · `5 row column low high` a refused digest (0 0 clears) · `6 run` the
 * run that delivered the `7`s from here on · `7 row column words…` one column, as that run
 * delivered it. Deltas put together are a delta: each names its run before what that delivered.
 */
const SNAPSHOT_MAGIC = 0x31525345
const OP_ROW = 1
const OP_COLUMN = 2
const OP_HEAD = 3
const OP_STORED_TEXT = 4
const OP_REFUSED = 5
const OP_RUN = 6
const OP_DELIVERED = 7

/**
 * Collects what one commit changes in one partition. Columns are read from the rows when they are
 * added.
 */
export class DeltaWriter {
  readonly #out = new ByteWriter()
  readonly #partition: Partition
  /** The run the delta named last; 0 before the first. */
  #run = 0

  constructor(partition: Partition) {
    this.#partition = partition
  }

  get isEmpty(): boolean {
    return this.#out.length === 0
  }

  /** The row's identifier; once per row, before its columns. */
  row(row: number): void {
    const { idAt, ids } = this.#partition
    this.#out.u8(OP_ROW)
    this.#out.u32(this.#partition.storedRow(row))
    this.#out.u16(idAt[row + 1] - idAt[row])
    this.#out.span(ids, idAt[row], idAt[row + 1])
  }

  /**
   * A column as it stands in memory, with the run that delivered it where that is the one noted
   * last.
   */
  column(row: number, column: number): void {
    const { layout, words, origins } = this.#partition
    const from = row * layout.stride + layout.offsets[column]
    const isDelivered = origins.isLast(row * layout.columns.length + column)
    if (isDelivered && origins.lastRun !== this.#run) this.#nameRun(origins.lastRun)
    this.#out.u8(isDelivered ? OP_DELIVERED : OP_COLUMN)
    this.#out.u32(this.#partition.storedRow(row))
    this.#out.u16(column)
    this.#out.words(words, from, from + layout.wordsOf(column))
  }

  #nameRun(run: number): void {
    this.#run = run
    this.#out.u8(OP_RUN)
    this.#out.u32(run)
  }

  /** What the row's head says of its user. */
  head(row: number): void {
    this.#out.u8(OP_HEAD)
    this.#out.u32(this.#partition.storedRow(row))
    this.#out.u32(this.#partition.words[row * this.#partition.layout.stride])
  }

  /** The stored text of a column, or that there is none any more. */
  storedText(row: number, column: number): void {
    this.#out.u8(OP_STORED_TEXT)
    this.#out.u32(this.#partition.storedRow(row))
    this.#out.u16(column)
    this.#out.text(this.#partition.storedTexts.get(row, column) ?? '')
  }

  /** What was refused of a column, or that nothing is any more. */
  refused(row: number, column: number): void {
    const { low, high } = this.#partition.refused.get(row, column) ?? NOTHING
    this.#out.u8(OP_REFUSED)
    this.#out.u32(this.#partition.storedRow(row))
    this.#out.u16(column)
    this.#out.u32(low)
    this.#out.u32(high)
  }

  /** The delta; nothing may be added after it. */
  take(): Uint8Array {
    return this.#out.take()
  }
}

/**
 * Room for what a snapshot says beside its rows: lengths, and runs; texts and refusals of few
 * users.
 */
const SPARE_BYTES = 256

/** Everything a partition holds, as bytes. */
export function writeSnapshot(partition: Partition): Uint8Array {
  const { layout, rows } = partition
  const originBytes = partition.origins.byteLength === 0 ? 0 : rows * layout.columns.length * 2
  const out = new ByteWriter(
    rows * layout.stride * 4 + partition.idAt[rows] + rows * 4 + originBytes + SPARE_BYTES,
  )
  out.u32(SNAPSHOT_MAGIC)
  out.u32(layout.columns.length)
  out.u32(layout.stride)
  out.u32(rows)
  out.span(bytesOf(partition.words), 0, rows * layout.stride * 4)
  out.span(bytesOf(partition.idAt), 0, (rows + 1) * 4)
  out.span(partition.ids, 0, partition.idAt[rows])
  out.u32(partition.storedTexts.size)
  for (const [at, value] of partition.storedTexts.byPlace) {
    writePlace(out, at, layout)
    out.text(value)
  }
  out.u32(partition.refused.size)
  for (const [at, { low, high }] of partition.refused.byPlace) {
    writePlace(out, at, layout)
    out.u32(low)
    out.u32(high)
  }
  partition.origins.write(out, rows * layout.columns.length)
  return out.take()
}

/**
 * A partition from its snapshot and deltas.
 *
 * @throws {SyncError} `STATE_UNREADABLE` when the bytes are not ours or do not fit the registry
 */
export function readPartition(
  number: number,
  layout: Layout,
  image: { snapshot: Uint8Array | null; deltas: readonly Uint8Array[] },
): Partition {
  const partition = new Partition(number, layout)
  try {
    if (image.snapshot !== null) readSnapshot(partition, new ByteReader(image.snapshot))
    for (const delta of image.deltas) applyDelta(partition, new ByteReader(delta))
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(number, 'its bytes end too early')
    throw error
  }
  return partition
}

function readSnapshot(partition: Partition, from: ByteReader): void {
  const { layout } = partition
  if (from.u32() !== SNAPSHOT_MAGIC)
    throw unreadable(partition.number, 'its snapshot has an unknown format')
  const columns = from.u32()
  const stride = from.u32()
  const rows = from.u32()
  if (columns > layout.columns.length || stride > layout.stride)
    throw unreadable(partition.number, 'its snapshot has columns the registry lacks')
  partition.reserve(rows)
  const words = from.span(rows * stride * 4)
  const target = bytesOf(partition.words)
  if (stride === layout.stride) target.set(words)
  else
    for (let row = 0; row < rows; row++)
      target.set(words.subarray(row * stride * 4, (row + 1) * stride * 4), row * layout.stride * 4)
  bytesOf(partition.idAt).set(from.span((rows + 1) * 4))
  partition.rows = rows
  // A copy: stored bytes may be a Buffer, whose `slice` would be a view.
  partition.ids = new Uint8Array(from.span(partition.idAt[rows]))
  partition.rehash()
  const width = layout.columns.length
  for (let count = from.u32(); count > 0; count--)
    partition.storedTexts.set(from.u32(), from.u16(), from.text())
  for (let count = from.u32(); count > 0; count--)
    partition.refused.set(from.u32(), from.u16(), { low: from.u32(), high: from.u32() })
  // Snapshots of before know no origins.
  if (!from.done) partition.origins.read(from, { columns, width })
}

function applyDelta(partition: Partition, from: ByteReader): void {
  const { layout } = partition
  const width = layout.columns.length
  let run = 0
  while (!from.done) {
    const operation = from.u8()
    const row = from.u32()
    if (operation === OP_RUN) run = row
    else if (operation === OP_ROW) addRow(partition, row, from.span(from.u16()))
    else if (row >= partition.rows)
      throw unreadable(partition.number, `a change names row ${row} of ${partition.rows}`)
    else if (operation === OP_HEAD) partition.words[row * layout.stride] = from.u32()
    else applyColumn(partition, { operation, row, column: from.u16(), width, run }, from)
  }
}

function applyColumn(
  partition: Partition,
  change: { operation: number; row: number; column: number; width: number; run: number },
  from: ByteReader,
): void {
  const { operation, row, column, width } = change
  const { layout } = partition
  if (column >= width)
    throw unreadable(partition.number, `a change names column ${column} of ${width}`)
  if (operation === OP_COLUMN || operation === OP_DELIVERED) {
    if (operation === OP_DELIVERED) partition.noteRun(row, column, change.run)
    const at = row * layout.stride + layout.offsets[column]
    for (let index = 0; index < layout.wordsOf(column); index++)
      partition.words[at + index] = from.u32()
  } else if (operation === OP_STORED_TEXT) {
    const text = from.text()
    if (text === '') partition.storedTexts.delete(row, column)
    else partition.storedTexts.set(row, column, text)
  } else if (operation === OP_REFUSED) {
    const digest = { low: from.u32(), high: from.u32() }
    if (isNothing(digest)) partition.refused.delete(row, column)
    else partition.refused.set(row, column, digest)
  } else throw unreadable(partition.number, `operation ${operation} is unknown`)
}

function addRow(partition: Partition, row: number, id: Uint8Array): void {
  if (row < partition.rows) return
  if (row !== partition.rows)
    throw unreadable(partition.number, `a change adds row ${row} after ${partition.rows - 1}`)
  const key = { kind: id[0], bytes: id, start: 1, end: id.length } as UserKey
  hashUser(key.kind, id, 1, id.length)
  partition.add(hashOut[1], key)
}

function writePlace(out: ByteWriter, at: number, layout: Layout): void {
  out.u32(Math.floor(at / layout.columns.length))
  out.u16(at % layout.columns.length)
}

function bytesOf(array: Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

function unreadable(partition: number, why: string): SyncError {
  return new SyncError(
    'STATE_UNREADABLE',
    `Partition ${partition} of the state cannot be read: ${why}`,
    {
      hint: 'Restore the state from a backup, or rebuild it with `engage-sync state reset` and a run with `--reread`.',
    },
  )
}
