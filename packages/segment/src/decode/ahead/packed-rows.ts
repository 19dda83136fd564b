import type { DecodedRow, DecodedRows } from '@engage-sync/contract'

/** By number. */
export const STATUSES: readonly DecodedRow['status'][] = [
  'changes',
  'skipped',
  'unmapped',
  'rejected',
  'delete',
]
/** Numbers an identity takes in a packed row: external id from and to, alias from and to. */
export const IDENTITY_INTS = 4
/** Numbers a value takes: key index, from and to. */
export const VALUE_INTS = 3

const NO_KEYS: readonly string[] = []

/** What a row says in words. */
export interface RowText {
  readonly reason: string
  readonly message: string
  readonly unmapped: readonly string[]
}

/**
 * The decoded rows of one chunk, as arrays that can be handed to another thread.
 *
 * A row begins in `ints` where `starts` says: number of its status, of its text or -1, 1 when it
 * points into `extra` instead of the chunk's bytes, count of its values; then its identities, then
 * its values.
 */
export interface PackedRows {
  readonly ints: Int32Array<ArrayBuffer>
  readonly starts: Int32Array<ArrayBuffer>
  /** Event times, milliseconds since the epoch. */
  readonly times: Float64Array<ArrayBuffer>
  readonly extra: Uint8Array<ArrayBuffer>
  readonly texts: readonly RowText[]
}

/** Reads packed rows back, into one row that is used again and again. */
export class RowReader implements DecodedRows {
  readonly #row: DecodedRow
  #packed: PackedRows | null = null
  #bytes: Uint8Array = new Uint8Array(0)

  /** @param row - with room for whatever the plan can ask of one record */
  constructor(row: DecodedRow) {
    this.#row = row
  }

  /** Moves to a chunk. */
  open(packed: PackedRows, bytes: Uint8Array): void {
    this.#packed = packed
    this.#bytes = bytes
  }

  at(record: number): DecodedRow {
    const { ints, starts, times, extra, texts } = this.#packed!
    const row = this.#row
    let at = starts[record]
    const text = ints[at + 1]
    row.status = STATUSES[ints[at]]
    row.bytes = ints[at + 2] === 1 ? extra : this.#bytes
    row.count = ints[at + 3]
    row.time = times[record]
    row.reason = text < 0 ? '' : texts[text].reason
    row.message = text < 0 ? '' : texts[text].message
    row.unmapped = text < 0 ? NO_KEYS : texts[text].unmapped
    at += 4
    for (let identity = 0; identity < row.externalIdStart.length; identity++, at += IDENTITY_INTS) {
      row.externalIdStart[identity] = ints[at]
      row.externalIdEnd[identity] = ints[at + 1]
      row.aliasStart[identity] = ints[at + 2]
      row.aliasEnd[identity] = ints[at + 3]
    }
    for (let index = 0; index < row.count; index++, at += VALUE_INTS) {
      row.keyIndex[index] = ints[at]
      row.valueStart[index] = ints[at + 1]
      row.valueEnd[index] = ints[at + 2]
    }
    return row
  }
}
