import type { Json, Rejection } from '@engage-sync/contract'
import { CLASS_NAMES } from './classes.ts'

/** Counts of one sync (or of all): records and values by class number. */
export class ClassCounts {
  readonly records = new Float64Array(CLASS_NAMES.length)
  readonly values = new Float64Array(CLASS_NAMES.length)
  superseded = 0
  /** Records that could not be read, so that nobody knows how many values they held. */
  unreadable = 0

  /** Adds what was counted elsewhere. */
  add(other: ClassCounts): void {
    for (const [number, count] of other.records.entries()) this.records[number] += count
    for (const [number, count] of other.values.entries()) this.values[number] += count
    this.superseded += other.superseded
    this.unreadable += other.unreadable
  }

  /** Records and values that were rejected. */
  get rejected(): number {
    const number = CLASS_NAMES.indexOf('rejected')
    return this.records[number] + this.values[number]
  }
}

/** Named reasons with their counts and one example each; bounded. */
export class Reasons {
  readonly #counts = new Map<string, { count: number; example: string }>()
  readonly #told = new Set<string>()
  readonly #limit: number

  constructor(limit = 1000) {
    this.#limit = limit
  }

  add(code: string, example: string, count = 1): void {
    const known = this.#counts.get(code)
    if (known !== undefined) known.count += count
    else if (this.#counts.size < this.#limit) this.#counts.set(code, { count, example })
  }

  /**
   * Counts a subject once, however often it is met: by several passes, or by a cut into passes that
   * did not fit.
   */
  addOnce(subject: string, code: string, example: string): void {
    const key = `${code} ${subject}`
    if (this.#told.has(key)) return
    this.#told.add(key)
    this.add(code, example)
  }

  /** Adds what was counted elsewhere. */
  addAll(other: Reasons): void {
    for (const { code, count, example } of other.list()) this.add(code, example, count)
  }

  /** Most first, then by name. */
  list(): readonly { readonly code: string; readonly count: number; readonly example: string }[] {
    return [...this.#counts]
      .map(([code, { count, example }]) => ({ code, count, example }))
      .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))
  }
}

/** What the fold tells about things that are no change: rejected records and values. */
export interface FoldListener {
  /** A record that cannot be used. `record` is its index in the chunk. */
  recordRejected(record: number, rejection: Rejection): void
  /** A value of a record that its mapping cannot take; told once per new value. */
  valueRejected(event: {
    readonly record: number
    readonly mapping: string
    readonly sync: string
    readonly column: number
    readonly rejection: Rejection
    readonly json: Json
  }): void
  /** The same value once more, which was told before: by this run or an earlier one. */
  valueRejectedAgain?(event: { readonly mapping: string; readonly rejection: Rejection }): void
}
