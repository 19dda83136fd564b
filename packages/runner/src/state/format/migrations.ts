import { newerFormat, unreadable } from './errors.ts'

/**
 * The format of the states this version makes, in SQLite and PostgreSQL alike.
 *
 * 1: rows have checksums. 2: every record has one, bound to its place, and every place has one.
 * 3: partitions have owners, and positions, marks and due times of their own.
 * 4: large snapshots are in pieces.
 */
export const STATE_FORMAT = 4

/** The first format whose records all have checksums, bound to their places. */
export const BOUND_FORMAT = 2

/** The first format whose partitions have owners. */
export const OWNED_FORMAT = 3

/** The first format whose snapshots may be in pieces. */
export const PIECES_FORMAT = 4

/** One step from a format to the next. @typeParam Database - what it works on, within one transaction */
export interface Migration<Database> {
  readonly from: number
  readonly bring: (database: Database) => void | Promise<void>
}

/** A format of the state: how it is made from nothing, and how older ones become it. */
export interface StateSchema<Database> {
  /** The format this schema makes. */
  readonly format: number
  readonly create: string
  /** At most one step for each older format. */
  readonly migrations: readonly Migration<Database>[]
}

/**
 * The steps that bring a state up to a schema's format, in order.
 *
 * Shape: empty when it is there already.
 *
 * @throws {StateError} `STATE_NEWER`; `STATE_UNREADABLE` when no step starts at a format on the way
 */
export function stepsTo<Database>(
  { format, migrations }: StateSchema<Database>,
  from: number,
): readonly Migration<Database>[] {
  if (from > format) throw newerFormat(from, format)
  return Array.from({ length: format - from }, (_, index) => {
    const step = migrations.find((migration) => migration.from === from + index)
    if (step !== undefined) return step
    throw unreadable(`it has format ${from}, which this version cannot bring up to ${format}`)
  })
}
