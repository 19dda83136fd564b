import { unreadable } from '../../format/errors.ts'

/**
 * The one row that a statement gives whatever the state holds.
 *
 * @param what - what it is the row of, for messages
 * @throws {StateError} `STATE_UNREADABLE` when somebody deleted it
 */
export function onlyRow<Row>(rows: readonly Row[], what: string): Row {
  const [row] = rows
  if (row === undefined) throw unreadable(`${what} is missing`)
  return row
}
