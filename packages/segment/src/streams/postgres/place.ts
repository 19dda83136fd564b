/** Options of `createPostgresLog`. */
export interface PostgresLogOptions {
  /** `postgres://…`; its user and password reach no message. */
  readonly url: string
  /** Schema of the tables; of logs alone. It is made where it is not there. */
  readonly schema: string
  /** Whose records: several sources share the tables. */
  readonly source: string
  /** How long records stay at least, worked on or not, milliseconds. Default three days. */
  readonly retentionMs?: number
  /** Among how many fronts processes choose. Default 16; the same for all of them. */
  readonly fronts?: number
}

/** Tables of a log, quoted. */
export interface Tables {
  readonly schema: string
  readonly records: string
  readonly fronts: string
}

/** The tables in a schema. @param schema - as PostgreSQL has it, without quotes */
export function tablesIn(schema: string): Tables {
  const quoted = `"${schema.replaceAll('"', '""')}"`
  return { schema: quoted, records: `${quoted}.records`, fronts: `${quoted}.fronts` }
}
