/** A row as its database gives it. */
export type RawRow = Readonly<Record<string, unknown>>

/** The tables of a state behind the back of its store, as a failing disk would write into them. */
export interface RawTables {
  read(table: string): Promise<readonly RawRow[]>
  /** Replaces all rows of a table. */
  write(table: string, rows: readonly RawRow[]): Promise<void>
}

/** One way in which a table may come to harm. */
export interface Damage {
  readonly what: string
  readonly rows: readonly RawRow[]
}

/** The column of each table that its records are found by. */
export const KEY_OF: Readonly<Record<string, string>> = {
  snapshots: 'partition',
  deltas: 'id',
  marks: 'id',
  positions: 'source',
  mappings: 'id',
  values: 'key',
  runs: 'number',
  dead_letters: 'id',
  checksums: 'place',
}

/** Every way in which the rows of a table may be flipped, swapped, missing, doubled or moved. */
export function damagesOf(table: string, rows: readonly RawRow[]): readonly Damage[] {
  const key = KEY_OF[table] ?? INFO_KEY
  const sound = JSON.stringify(rows)
  const damages = rows.flatMap((row, index) => [
    ...flipped(row).map(({ column, flip }) => ({
      what: `row ${index}: ${column} is flipped`,
      rows: rows.with(index, flip),
    })),
    ...swapped(rows, index, key),
    { what: `row ${index} is missing`, rows: rows.toSpliced(index, 1) },
    { what: `row ${index} is elsewhere`, rows: rows.with(index, elsewhere(row, key)) },
    {
      what: `row ${index} stands there twice`,
      rows: [...rows, { ...row, [key]: unused(row[key]) }],
    },
  ])
  return damages.filter(
    (damage) => JSON.stringify(damage.rows) !== sound && hasOwnKeys(damage, key),
  )
}

const INFO_KEY = 'key'

/** No table takes two rows under one key. */
function hasOwnKeys({ rows }: Damage, key: string): boolean {
  return new Set(rows.map((row) => String(row[key]))).size === rows.length
}

/** The number of a delta says where it stands among those of its partition, and nothing more. */
function isDelta(row: RawRow): boolean {
  return 'bytes' in row && 'id' in row
}

/** A row with one column flipped, for each column. */
function flipped(row: RawRow): readonly { readonly column: string; readonly flip: RawRow }[] {
  return Object.entries(row)
    .filter(([column]) => column !== 'id' || !isDelta(row))
    .map(([column, value]) => ({ column, flip: { ...row, [column]: flip(value) } }))
}

/** Two rows with what the other one held. */
function swapped(rows: readonly RawRow[], index: number, key: string): readonly Damage[] {
  const [one, other] = rows.slice(index, index + 2)
  if (one === undefined || other === undefined) return []
  if (isDelta(one) && one['partition'] !== other['partition']) return []
  const crossed = [
    { ...other, [key]: one[key] },
    { ...one, [key]: other[key] },
  ]
  return [
    {
      what: `rows ${index} and ${index + 1} are swapped`,
      rows: rows.toSpliced(index, 2, ...crossed),
    },
  ]
}

/** Under a key that nothing has; a delta in another partition. */
function elsewhere(row: RawRow, key: string): RawRow {
  const column = isDelta(row) ? 'partition' : key
  return { ...row, [column]: unused(row[column]) }
}

function flip(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    const at = value.length >> 1
    return value.length === 0 ? Uint8Array.of(1) : value.with(at, value[at]! ^ 4)
  }
  if (typeof value === 'number') return value ^ 4
  const text = String(value)
  if (/^\d+$/.test(text)) return String(BigInt(text) ^ 4n)
  const at = text.length >> 1
  return text.slice(0, at) + (text[at] === 'x' ? 'y' : 'x') + text.slice(at + 1)
}

function unused(value: unknown): unknown {
  const isNumber = typeof value === 'number' || /^\d+$/.test(String(value))
  return isNumber ? 47 : `${String(value)}-elsewhere`
}
