import { ROW_CREATED, ROW_FORGOTTEN, ROW_MERGED } from './layout.ts'
import type { RowWords } from './row-words.ts'

/** What the head of each row says of its user. */
export class RowFlags {
  readonly #rows: RowWords

  constructor(rows: RowWords) {
    this.#rows = rows
  }

  /** Something was delivered to the user: the destination knows him. */
  isCreated(row: number): boolean {
    return this.#has(row, ROW_CREATED)
  }

  /** The destination knows the user from now on. */
  create(row: number): void {
    this.#add(row, ROW_CREATED)
  }

  /** An alias that stands for another user: its row was merged into that user's. */
  isMerged(row: number): boolean {
    return this.#has(row, ROW_MERGED)
  }

  /** The alias stands for another user from now on. */
  merge(row: number): void {
    this.#add(row, ROW_MERGED)
  }

  /** The user was erased; the row's number stays taken. */
  isForgotten(row: number): boolean {
    return this.#has(row, ROW_FORGOTTEN)
  }

  #has(row: number, flag: number): boolean {
    const { words, layout } = this.#rows
    return (words[row * layout.stride] & flag) !== 0
  }

  #add(row: number, flag: number): void {
    const { words, layout } = this.#rows
    words[row * layout.stride] |= flag
  }
}
