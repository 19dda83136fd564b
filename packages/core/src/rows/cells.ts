/** Something few cells have: by row and column. */
export class Cells<T> {
  /** @internal By place, `row * columns + column`. */
  readonly byPlace = new Map<number, T>()
  readonly #columns: number

  /** @param columns - of every row */
  constructor(columns: number) {
    this.#columns = columns
  }

  get size(): number {
    return this.byPlace.size
  }

  get(row: number, column: number): T | undefined {
    return this.byPlace.get(row * this.#columns + column)
  }

  has(row: number, column: number): boolean {
    return this.byPlace.has(row * this.#columns + column)
  }

  set(row: number, column: number, value: T): void {
    this.byPlace.set(row * this.#columns + column, value)
  }

  delete(row: number, column: number): boolean {
    return this.byPlace.delete(row * this.#columns + column)
  }

  /** Forgets all a row has. */
  clearRow(row: number): void {
    if (this.byPlace.size === 0) return
    for (let column = 0; column < this.#columns; column++) this.delete(row, column)
  }

  /** Forgets what a test says. Returns the cells it did, as `[row, column]`. */
  deleteWhere(
    isUnwanted: (row: number, column: number) => boolean,
  ): readonly (readonly [number, number])[] {
    const deleted: (readonly [number, number])[] = []
    for (const place of this.byPlace.keys()) {
      const column = place % this.#columns
      const row = (place - column) / this.#columns
      if (!isUnwanted(row, column)) continue
      this.byPlace.delete(place)
      deleted.push([row, column])
    }
    return deleted
  }
}
