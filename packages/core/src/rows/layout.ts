import { SyncError } from '@engage-sync/contract'

/**
 * What a column of a row holds.
 *
 * `slot`: a 64-bit digest and its event time. `bits`: 64 verdicts. `instant`: milliseconds of a
 * time trait, NaN for none. `count`: events delivered in all. `days`: 31 daily counts and the day
 * they end at.
 */
export type ColumnKind = 'slot' | 'bits' | 'instant' | 'count' | 'days'

/** A column as the state's registry knows it. Its number is allotted once and never reused. */
export interface Column {
  readonly number: number
  readonly id: string
  readonly kind: ColumnKind
}

/** 32-bit words a column takes in a row; even, so that times stay aligned. */
export const COLUMN_WORDS: Readonly<Record<ColumnKind, number>> = {
  slot: 4,
  bits: 2,
  instant: 2,
  count: 2,
  days: 10,
}

/** Words of the row's own head: flags, and one spare. */
export const HEAD_WORDS = 2

/** Flags in a row's first word. */
export const ROW_CREATED = 1
export const ROW_MERGED = 2
export const ROW_FORGOTTEN = 4

/**
 * Where each column stands in a row.
 *
 * Columns are laid out by ascending number, so a state that gained columns only grows at the end of
 * each row and an older snapshot is a prefix of the new one.
 */
export class Layout {
  readonly columns: readonly Column[]
  /** @internal Words per row. */
  readonly stride: number
  /** @internal Word offset by column number. */
  readonly offsets: Int32Array
  readonly #byId: ReadonlyMap<string, Column>

  constructor(columns: readonly Column[]) {
    this.columns = [...columns].sort((a, b) => a.number - b.number)
    this.offsets = new Int32Array(this.columns.length)
    let at = HEAD_WORDS
    this.columns.forEach((column, index) => {
      if (column.number !== index)
        throw new SyncError(
          'STATE_UNREADABLE',
          `Expected column ${index} in the registry, got ${column.number}`,
        )
      this.offsets[index] = at
      at += COLUMN_WORDS[column.kind]
    })
    this.stride = at
    this.#byId = new Map(this.columns.map((column) => [column.id, column]))
  }

  /** The column of an id; undefined when the registry has none. */
  find(id: string): Column | undefined {
    return this.#byId.get(id)
  }

  /** Number of a column known to exist. */
  numberOf(id: string): number {
    const column = this.#byId.get(id)
    if (column === undefined) throw new SyncError('INTERNAL', `No column for ${id}`)
    return column.number
  }

  /** @internal Word offset of a column known to exist. */
  offsetOf(id: string): number {
    return this.offsets[this.numberOf(id)]
  }

  /** Bytes a row takes, its identifier apart. */
  get rowBytes(): number {
    return this.stride * Uint32Array.BYTES_PER_ELEMENT
  }

  /** @internal Words of column n. */
  wordsOf(number: number): number {
    return COLUMN_WORDS[this.columns[number].kind]
  }
}

/**
 * Adds columns for ids the registry does not know yet; returns the same array when there are none.
 */
export function allotColumns(
  registry: readonly Column[],
  wanted: readonly { readonly id: string; readonly kind: ColumnKind }[],
): readonly Column[] {
  const known = new Set(registry.map((column) => column.id))
  const added: Column[] = []
  for (const { id, kind } of wanted) {
    if (known.has(id)) continue
    known.add(id)
    added.push({ number: registry.length + added.length, id, kind })
  }
  return added.length === 0 ? registry : [...registry, ...added]
}
