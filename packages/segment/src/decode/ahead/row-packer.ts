import type { DecodedRow } from '@engage-sync/contract'
import { IDENTITY_INTS, STATUSES, VALUE_INTS } from './packed-rows.ts'
import type { PackedRows, RowText } from './packed-rows.ts'

const FIRST_INTS = 16_384
const FIRST_EXTRA = 1024

/**
 * Writes decoded rows one after another into few arrays, so that another thread can take them over
 * whole.
 */
export class RowPacker {
  #ints = new Int32Array(0)
  #starts = new Int32Array(0)
  #times = new Float64Array(0)
  #extra = new Uint8Array(0)
  #extraLength = 0
  #texts: RowText[] = []
  #textOf = new Map<string, number>()
  #textOfKeys = new Map<readonly string[], number>()
  #at = 0

  /**
   * Begins a chunk of so many records. @param room - arrays of an earlier chunk, to be filled anew
   */
  start(count: number, room: PackedRows | null): void {
    this.#ints = room?.ints ?? new Int32Array(FIRST_INTS)
    this.#extra = room?.extra ?? new Uint8Array(FIRST_EXTRA)
    this.#starts =
      room !== null && room.starts.length >= count ? room.starts : new Int32Array(count)
    this.#times = room !== null && room.times.length >= count ? room.times : new Float64Array(count)
    this.#extraLength = 0
    this.#at = 0
    this.#texts = []
    this.#textOf.clear()
    this.#textOfKeys.clear()
  }

  /** Adds record n's row. @param bytes - the chunk's: what a row points into elsewhere is copied */
  add(record: number, row: DecodedRow, bytes: Uint8Array): void {
    const identities = row.externalIdStart.length
    this.#room(4 + identities * IDENTITY_INTS + row.count * VALUE_INTS)
    this.#starts[record] = this.#at
    this.#times[record] = row.time
    // A row that says nothing may still name the bytes of a chunk that was given back: they must
    // not be touched.
    const isElsewhere = row.bytes !== bytes && endOf(row) > 0
    const shift = isElsewhere ? this.#keep(row) : 0
    this.#put(STATUSES.indexOf(row.status), this.#text(row), isElsewhere ? 1 : 0, row.count)
    for (let identity = 0; identity < identities; identity++) {
      this.#put(
        moved(row.externalIdStart[identity], shift),
        moved(row.externalIdEnd[identity], shift),
        moved(row.aliasStart[identity], shift),
        moved(row.aliasEnd[identity], shift),
      )
    }
    for (let index = 0; index < row.count; index++) {
      this.#ints[this.#at++] = row.keyIndex[index]
      this.#ints[this.#at++] = row.valueStart[index] + shift
      this.#ints[this.#at++] = row.valueEnd[index] + shift
    }
  }

  /** The arrays of the chunk; the packer keeps none of them. */
  take(): PackedRows {
    return {
      ints: this.#ints,
      starts: this.#starts,
      times: this.#times,
      extra: this.#extra,
      texts: this.#texts,
    }
  }

  #put(first: number, second: number, third: number, fourth: number): void {
    const at = this.#at
    this.#ints[at] = first
    this.#ints[at + 1] = second
    this.#ints[at + 2] = third
    this.#ints[at + 3] = fourth
    this.#at = at + 4
  }

  /** Copies everything the row's spans can point into; returns how far they move. */
  #keep(row: DecodedRow): number {
    const length = endOf(row)
    const from = this.#extraLength
    if (from + length > this.#extra.length) {
      const larger = new Uint8Array(Math.max(this.#extra.length * 2, from + length))
      larger.set(this.#extra.subarray(0, from))
      this.#extra = larger
    }
    this.#extra.set(row.bytes.subarray(0, length), from)
    this.#extraLength = from + length
    return from
  }

  /** Number of the row's reason, message and unmapped keys; -1 when it has none. */
  #text({ reason, message, unmapped }: DecodedRow): number {
    if (unmapped.length === 0) {
      if (reason === '' && message === '') return -1
      const key = `${reason}\u0000${message}`
      const known = this.#textOf.get(key)
      if (known !== undefined) return known
      this.#textOf.set(key, this.#texts.length)
    } else {
      const known = this.#textOfKeys.get(unmapped)
      if (
        known !== undefined &&
        this.#texts[known].reason === reason &&
        this.#texts[known].message === message
      )
        return known
      this.#textOfKeys.set(unmapped, this.#texts.length)
    }
    return this.#texts.push({ reason, message, unmapped }) - 1
  }

  #room(count: number): void {
    if (this.#at + count <= this.#ints.length) return
    const larger = new Int32Array(Math.max(this.#ints.length * 2, this.#at + count))
    larger.set(this.#ints.subarray(0, this.#at))
    this.#ints = larger
  }
}

function moved(at: number, shift: number): number {
  return at < 0 ? at : at + shift
}

/** End of the last span of a row. */
function endOf(row: DecodedRow): number {
  let end = 0
  for (let identity = 0; identity < row.externalIdStart.length; identity++) {
    if (row.externalIdStart[identity] >= 0) end = Math.max(end, row.externalIdEnd[identity])
    if (row.aliasStart[identity] >= 0) end = Math.max(end, row.aliasEnd[identity])
  }
  for (let index = 0; index < row.count; index++) end = Math.max(end, row.valueEnd[index])
  return end
}
