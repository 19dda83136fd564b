/** A database whose format is brought up, within one transaction; the tables of the state are found by the search path. */
export interface Migrating {
  readonly run: <Row extends object>(
    text: string,
    values?: readonly unknown[],
  ) => Promise<readonly Row[]>
  /** Runs several statements that take no values. */
  readonly script: (sql: string) => Promise<void>
}
