import { classOf } from './classes.ts'
import type { ClassCounts } from './counts.ts'

const FIRST_RECORDS = 1024

/**
 * The class bits of every record of a source, when it is read in several passes: one byte a record.
 *
 * A record may speak of users of several partitions; its class is the highest over all passes.
 */
export class RecordClasses {
  #bits = new Uint8Array(FIRST_RECORDS)
  #count = 0

  /** Adds what one pass found out about record n. */
  add(record: number, bits: number): void {
    if (record >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(record + 1, this.#bits.length * 2))
      larger.set(this.#bits)
      this.#bits = larger
    }
    this.#bits[record] |= bits
    if (record >= this.#count) this.#count = record + 1
  }

  /** Adds every record's class to the counts. */
  addTo(totals: ClassCounts): void {
    for (let record = 0; record < this.#count; record++)
      if (this.#bits[record] !== 0) totals.records[classOf(this.#bits[record])]++
  }
}
