import { addDayCount, countDays } from './day-counts.ts'
import type { RowWords } from './row-words.ts'

/** A column that counts events: in all, or by day. */
export interface CountColumn {
  readonly column: number
  readonly daily: boolean
}

/** The event counters of a partition's rows, by row and column. */
export class Counts {
  readonly #rows: RowWords

  constructor(rows: RowWords) {
    this.#rows = rows
  }

  /** Events counted in all; of columns that do not count by day. */
  total(row: number, column: number): number {
    return this.#rows.words[this.#at(row, column)]
  }

  /** Events of the last `days` whole UTC days and of today; of columns that count by day. */
  lately(
    row: number,
    column: number,
    window: { readonly days: number; readonly nowMs: number },
  ): number {
    return countDays(this.#rows, this.#at(row, column), window)
  }

  /** Whether a column that counts by day ever counted one. */
  hasDays(row: number, column: number): boolean {
    return this.total(row, column) !== 0
  }

  /** Counts one event. @param timeMs - when it was, milliseconds since the epoch */
  count(row: number, { column, daily }: CountColumn, timeMs: number): void {
    const at = this.#at(row, column)
    if (daily) addDayCount(this.#rows, at, timeMs)
    else this.#rows.words[at]++
  }

  /** Adds to a column that does not count by day. */
  add(row: number, column: number, events: number): void {
    this.#rows.words[this.#at(row, column)] += events
  }

  #at(row: number, column: number): number {
    const { layout } = this.#rows
    return row * layout.stride + layout.offsets[column]
  }
}
