import { newerFormat, unreadable } from './errors.ts'

/** The format of the states this version makes, in SQLite and PostgreSQL alike. */
export const STATE_FORMAT = 1

/** One step from a format to the next, as SQL. */
export interface Migration {
  readonly from: number
  readonly sql: string
}

/** A format of the state: how it is made from nothing, and how older ones become it. */
export interface StateSchema {
  /** The format this schema makes. */
  readonly format: number
  readonly create: string
  /** At most one step for each older format. */
  readonly migrations: readonly Migration[]
}

/**
 * The steps that bring a state up to a schema's format, in order.
 *
 * Shape: empty when it is there already.
 *
 * @throws {StateError} `STATE_NEWER`; `STATE_UNREADABLE` when no step starts at a format on the way
 */
export function stepsTo({ format, migrations }: StateSchema, from: number): readonly Migration[] {
  if (from > format) throw newerFormat(from, format)
  return Array.from({ length: format - from }, (_, index) => {
    const step = migrations.find((migration) => migration.from === from + index)
    if (step === undefined)
      throw unreadable(`it has format ${from}, which this version cannot bring up to ${format}`)
    return step
  })
}
