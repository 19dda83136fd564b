import { ChecksumChanges, CHECKSUM_MASK } from '../../format/place-checksums.ts'
import type { Place } from '../../format/place-checksums.ts'

/** A list of values that becomes a column of what is inserted. */
export interface Column {
  readonly name: string
  readonly type: string
  readonly values: readonly unknown[]
  /** An expression over the other columns, in place of the values. */
  readonly from?: string
  /** Only other columns' expressions use it. */
  readonly isHelper?: boolean
}

/** A statement in the making: its values, and its parts, each of which writes only under the lease. */
export class Statement {
  readonly values: unknown[] = []
  /** What the records it writes do to the checksums of their places. */
  readonly changes = new ChecksumChanges()
  readonly #schema: string
  readonly #parts: string[] = []
  /** Queries for `place` and `sum`: what is to be added for records that only the database knows. */
  readonly #sums: string[] = []
  /** Places those may be of. */
  readonly #summed = new Set<Place>()
  /** Others may write into the same places at once. */
  readonly #isShared: boolean

  /** @param schema - quoted, as it stands in statements */
  constructor(schema: string, { isShared = false }: { readonly isShared?: boolean } = {}) {
    this.#schema = schema
    this.#isShared = isShared
  }

  /** A table's name, as it stands in statements. */
  table(name: string): string {
    return name === 'values' ? `${this.#schema}."values"` : `${this.#schema}.${name}`
  }

  /** Adds a value; gives what stands for it in the text. */
  value(value: unknown, type: string): string {
    this.values.push(value)
    return `$${this.values.length}::${type}`
  }

  /** Adds a part; gives its name. */
  part(text: string): string {
    this.#parts.push(text)
    return `part_${this.#parts.length - 1}`
  }

  /** Adds a query for `place` and `sum` to what the checksums of places become. @param places - it may name */
  alsoSum(query: string, places: readonly Place[]): void {
    this.#sums.push(query)
    for (const place of places) this.#summed.add(place)
  }

  /** Adds `INSERT INTO table … SELECT columns FROM lease, rows`, the rows given by column. Nothing is added for none. */
  insert(table: string, columns: readonly Column[], rest = ''): void {
    if (columns[0]?.values.length === 0) return
    const given = columns.filter(({ from }) => from === undefined)
    const lists = given.map(({ values, type }) => this.value(values, `${type}[]`)).join(', ')
    const names = given.map(({ name }) => name).join(', ')
    const written = columns.filter(({ isHelper }) => isHelper !== true)
    this.part(
      `INSERT INTO ${this.table(table)} (${written.map(({ name }) => name).join(', ')})
       SELECT ${written.map(({ name, from }) => from ?? `given.${name}`).join(', ')}
       FROM held, unnest(${lists}) WITH ORDINALITY AS given(${names}, place) ORDER BY given.place ${rest}`,
    )
  }

  /** Adds a deletion of the rows whose column has one of these values; gives its name, or null for none. */
  remove(name: string, column: Column, rest = ''): string | null {
    if (column.values.length === 0) return null
    const [table, values] = [this.table(name), this.value(column.values, `${column.type}[]`)]
    const text = `DELETE FROM ${table} USING held WHERE ${table}.${column.name} = ANY(${values}) ${rest}`
    return this.part(text)
  }

  /**
   * The whole text: every part reads from `held`, so without the lease none writes anything.
   *
   * @param held - the query that says whether the lease is as it should be
   * @param answer - what is selected at the end
   */
  text(held: string, answer: string): string {
    this.#writeChecksums()
    const parts = this.#parts.map((part, index) => `part_${index} AS (${part})`)
    return `WITH ${[`held AS (${held})`, ...parts].join(',\n')}\nSELECT ${answer}`
  }

  /** What is summed here sees the tables as they were before this statement. */
  #writeChecksums(): void {
    const changes = this.changes.all()
    if (changes.length + this.#sums.length === 0) return
    const places = this.value(
      changes.map(({ place }) => place),
      'text[]',
    )
    const times = this.value(
      changes.map((change) => change.times),
      'bigint[]',
    )
    const plus = this.value(
      changes.map((change) => change.plus),
      'bigint[]',
    )
    const given = `SELECT * FROM unnest(${places}, ${times}, ${plus}) AS given(place, times, plus)`
    const checksums = this.table('checksums')
    const locked = this.#isShared ? `, ${this.#lockPlaces(changes)} AS locked` : ''
    const become = `(checksums.checksum * changed.times + changed.plus) & ${CHECKSUM_MASK}`
    this.part(
      `UPDATE ${checksums} SET checksum = ${become}
       FROM held, (${this.#sums.length === 0 ? given : this.#withSums(given)}) AS changed ${locked}
       WHERE checksums.place = changed.place ${locked === '' ? '' : 'AND checksums.place = locked.place'}`,
    )
  }

  /** In one order for everybody, so that no two wait for each other. */
  #lockPlaces(changes: readonly { readonly place: Place }[]): string {
    const all = new Set([...changes.map(({ place }) => place), ...this.#summed])
    const places = this.value([...all], 'text[]')
    return this.part(
      `SELECT place FROM ${this.table('checksums')} WHERE place = ANY(${places}) AND EXISTS (SELECT 1 FROM held)
       ORDER BY place COLLATE "C" FOR UPDATE`,
    )
  }

  #withSums(given: string): string {
    const sums = this.#sums.join(' UNION ALL ')
    return `SELECT place, coalesce(times, 1) AS times, coalesce(plus, 0) + coalesce(sum, 0) AS plus
      FROM (${given}) AS given FULL JOIN (
        SELECT place, sum(sum)::bigint AS sum FROM (${sums}) AS sums(place, sum) GROUP BY place
      ) AS summed USING (place)`
  }
}
