/** What of records that waited was counted when they came. */
export interface CountedBefore {
  /**
   * Columns of which the values were not; null where nothing was.
   *
   * @param record - its number, of those that waited
   * @param user - text of the identifier, as rows hold it
   */
  uncounted(record: number, user: string): ReadonlySet<number> | null
}

/**
 * Of the record at hand, which waited: what of it was counted when it came. Reused; nothing here
 * outlives a record.
 */
export class Recounted {
  readonly #before: CountedBefore
  /** Class bits of what was counted before, by sync. */
  readonly #bits: Uint8Array
  #record = 0
  /** Somebody's part of it was not counted at all. */
  #hasUncounted = false

  constructor(before: CountedBefore, syncs: number) {
    this.#before = before
    this.#bits = new Uint8Array(syncs)
  }

  start(record: number): void {
    this.#record = record
    this.#hasUncounted = false
    this.#bits.fill(0)
  }

  /** Whether a value was counted. @param user - empty where the record names none */
  has(user: string, columns: readonly number[]): boolean {
    if (user === '') return true
    const uncounted = this.#before.uncounted(this.#record, user)
    this.#hasUncounted ||= uncounted === null
    return uncounted !== null && !columns.some((column) => uncounted.has(column))
  }

  /** A value that was counted came to this. */
  note(sync: number, bits: number): void {
    this.#bits[sync] |= bits
  }

  /** Whether the record was counted for a sync. @param bits - of what was not */
  hasSync(sync: number, user: string, bits: number): boolean {
    if (user !== '' && this.#before.uncounted(this.#record, user) === null) return false
    return bits === 0 || this.#bits[sync] !== 0
  }

  /** Whether the record was counted. @param bits - of what was not */
  hasRecord(bits: number): boolean {
    if (this.#hasUncounted) return false
    return bits === 0 || this.#bits.some((each) => each !== 0)
  }
}
