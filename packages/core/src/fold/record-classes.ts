import { classOf, SKIPPED, UNMAPPED, WAITS } from './classes.ts'
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
    for (let record = 0; record < this.#count; record++) {
      const bits = this.#bits[record]
      if (bits !== 0 && !isLater(bits)) totals.records[classOf(bits & ~WAITS)]++
    }
  }

  /**
   * The same for one of several who read all records, and count those of their own partitions alone:
   * a record that says nothing to the program of any user here is somebody else's.
   */
  addOwnTo(totals: ClassCounts): void {
    for (let record = 0; record < this.#count; record++) {
      const bits = this.#bits[record] & ~UNMAPPED
      if (bits !== 0 && !isLater(bits)) totals.records[classOf(bits & ~WAITS)]++
    }
  }

  /**
   * The same for one of several who read all records, each for partitions of their own: what they
   * count adds up, as long as no record speaks of users of two of them.
   *
   * Whoever has no user of a record notes that it says nothing to the program. So all are counted
   * as that once, by the first, and each takes out those it knows better: its own count may be
   * below zero.
   *
   * @param how - `waiting`: the first so many records are read by nobody else
   */
  addPartTo(
    totals: ClassCounts,
    how: { readonly isHistory: boolean; readonly isFirst: boolean; readonly waiting: number },
  ): void {
    const nothing = classOf(how.isHistory ? SKIPPED : UNMAPPED)
    for (let record = 0; record < this.#count; record++) {
      const bits = this.#bits[record]
      if (bits === 0) continue
      const isOwn = how.isFirst || record < how.waiting
      if (isOwn) totals.records[nothing]++
      const number = classOf(bits & ~WAITS || UNMAPPED)
      if (number === nothing && !isLater(bits)) continue
      if (!isLater(bits)) totals.records[number]++
      totals.records[nothing]--
    }
  }
}

/** Whether what a record says waits, and nothing else is said: it is counted when that is folded. */
function isLater(bits: number): boolean {
  return (bits & WAITS) !== 0 && (bits & ~(WAITS | SKIPPED | UNMAPPED)) === 0
}
