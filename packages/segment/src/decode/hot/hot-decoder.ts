import type { DecodePlan, DecodedRow, RowDecoder } from '@engage-sync/contract'
import { clearRow, createRow, endChanges, endSkipped, ExactDecoder } from '../row/index.ts'
import { latestTime, TIME_FIELDS } from '../record/index.ts'
import type { TimeField } from '../record/index.ts'
import {
  bytesOf,
  CallScan,
  findPath,
  IdentityReader,
  InstantReader,
  isCanonical,
  KeyTable,
  NO_VALUE,
  OPEN_BRACE,
  QUOTE,
  resolve,
  ScanTrust,
  standsAt,
  UNCLEAR,
} from '../scan/index.ts'
import type { Asked, Place, ReadMember, Resolution, Span } from '../scan/index.ts'
import { ShapeTree } from '../shape/index.ts'

const TRUE = bytesOf('true')
const FALSE = bytesOf('false')
const LETTER_N = 0x6e

/**
 * Decodes rows straight from bytes: values and identifiers point into the record itself.
 *
 * Three ways, each faster than the next: a record whose shape was seen before is compared with it
 * and only its values are looked at; any other plain record is scanned, and its shape learned;
 * whatever is not plain is given to the exact decoder. All three say the same (fuzzed against each
 * other). Nothing is allocated for a record of a known shape.
 */
export class HotDecoder implements RowDecoder {
  /** Records that were scanned, and records that were left to the exact decoder. */
  scanned = 0
  unusual = 0
  readonly #row: DecodedRow
  readonly #exact: ExactDecoder
  readonly #scan = new CallScan()
  readonly #shapes = new ShapeTree(this.#scan)
  readonly #keys: KeyTable
  readonly #identities: IdentityReader
  readonly #instants = new InstantReader()
  readonly #times: readonly Span[]
  readonly #paths: readonly (readonly Uint8Array[])[]
  readonly #asked: Asked
  #latestMs: number
  readonly #place: Place = { start: 0, end: 0 }

  constructor(plan: DecodePlan) {
    this.#row = createRow(plan)
    this.#exact = new ExactDecoder(plan, this.#row)
    this.#keys = new KeyTable(plan.keys)
    this.#identities = new IdentityReader(plan.identities)
    const spans: Readonly<Record<TimeField, Span>> = this.#scan
    this.#times = TIME_FIELDS[plan.timeField].map((field) => spans[field])
    this.#paths = plan.keys.map(({ path }) => path.map(bytesOf))
    this.#asked = {
      only: plan.only ?? null,
      trust: plan.trust === undefined ? null : new ScanTrust(plan.trust),
    }
    this.#latestMs = latestTime(plan.nowMs)
  }

  decode(bytes: Uint8Array, start: number, end: number): DecodedRow {
    const known = this.#shapes.match(bytes, start, end)
    if (known !== null && this.#fill(bytes, known)) return this.#row
    return this.#decodeUnknown(bytes, start, end)
  }

  redate(nowMs: number | undefined): void {
    this.#latestMs = latestTime(nowMs)
    this.#exact.redate(nowMs)
  }

  #decodeUnknown(bytes: Uint8Array, start: number, end: number): DecodedRow {
    this.scanned++
    if (this.#scan.scan(bytes, start, end)) {
      const resolution = resolve(this.#scan, this.#keys, this.#asked)
      if (resolution !== null && this.#fill(bytes, resolution)) {
        this.#shapes.learn(bytes, start, end, resolution)
        return this.#row
      }
    }
    this.unusual++
    return this.#exact.decode(bytes, start, end)
  }

  /** Fills the row from what was scanned; false when the exact decoder must look. */
  #fill(bytes: Uint8Array, resolution: Resolution): boolean {
    const row = this.#row
    clearRow(row)
    row.bytes = bytes
    if (resolution.skip !== null) {
      endSkipped(row, resolution.skip)
      return true
    }
    if (!this.#readTime(bytes) || !this.#identities.read(this.#scan, row)) return false
    const { members } = resolution
    for (let index = 0; index < members.length; index++) {
      const isRead = members[index].isMembership
        ? this.#readMembership(bytes, members[index])
        : this.#readValues(bytes, members[index])
      if (!isRead) return false
    }
    row.unmapped = resolution.unmapped
    endChanges(row, resolution.computation)
    return true
  }

  #readTime(bytes: Uint8Array): boolean {
    for (let index = 0; index < this.#times.length; index++) {
      const span = this.#times[index]
      if (span.isOther) return false
      if (span.start < 0) continue
      this.#row.time = this.#instants.read(bytes, span.start, span.end)
      // False for what is no time, too.
      return this.#row.time <= this.#latestMs
    }
    return false
  }

  /** Memberships are true, false, null, or the first two as texts. */
  #readMembership(bytes: Uint8Array, { member, indexes }: ReadMember): boolean {
    const { valueStart, valueEnd } = this.#scan.body
    const isText = bytes[valueStart[member]] === QUOTE
    const start = isText ? valueStart[member] + 1 : valueStart[member]
    const end = isText ? valueEnd[member] - 1 : valueEnd[member]
    const isMembership =
      (end - start === TRUE.length && standsAt(bytes, start, TRUE)) ||
      (end - start === FALSE.length && standsAt(bytes, start, FALSE))
    if (!isMembership && (isText || bytes[start] !== LETTER_N)) return false
    for (let index = 0; index < indexes.length; index++) {
      if (this.#paths[indexes[index]].length > 0) return false
      this.#addSpan(indexes[index], start, end)
    }
    return true
  }

  #readValues(bytes: Uint8Array, { member, indexes }: ReadMember): boolean {
    const { valueStart, valueEnd } = this.#scan.body
    for (let index = 0; index < indexes.length; index++) {
      const path = this.#paths[indexes[index]]
      let start = valueStart[member]
      let end = valueEnd[member]
      if (path.length > 0 && bytes[start] !== LETTER_N) {
        const found =
          bytes[start] === OPEN_BRACE ? findPath(bytes, start, path, this.#place) : NO_VALUE
        if (found === UNCLEAR) return false
        if (found === NO_VALUE) continue
        start = this.#place.start
        end = this.#place.end
      }
      if (!isCanonical(bytes, start, end)) return false
      this.#addSpan(indexes[index], start, end)
    }
    return true
  }

  #addSpan(index: number, start: number, end: number): void {
    const row = this.#row
    row.keyIndex[row.count] = index
    row.valueStart[row.count] = start
    row.valueEnd[row.count] = end
    row.count++
  }
}
