import { unreadable } from '../format/errors.ts'
import { CHECKSUM_MASK, SUMMED } from '../format/place-checksums.ts'
import type { ChecksumChanges, FoundSums, Place } from '../format/place-checksums.ts'
import type { SqliteConnection } from './connection.ts'

/** Of the records of a place, the sum of their checksums. */
const SUMS: Readonly<Partial<Record<Place, string>>> = {
  marks: 'FROM marks',
  positions: 'FROM positions',
  mappings: 'FROM mappings',
  values: 'FROM "values"',
  runs: 'FROM runs INDEXED BY runs_by_checksum',
  waiting: "FROM dead_letters INDEXED BY dead_letters_by_code WHERE code = 'PENDING_USER'",
  'dead letters': "FROM dead_letters INDEXED BY dead_letters_by_code WHERE code <> 'PENDING_USER'",
}

/** One statement, so that all is of the same instant. */
const COMPARED = SUMMED.map(
  (
    place,
  ) => `SELECT '${place}' AS place, (SELECT coalesce(sum(checksum), 0) & ${CHECKSUM_MASK} ${SUMS[place]}) AS sum,
    (SELECT checksum FROM checksums WHERE place = '${place}') AS stored,
    (SELECT checksum FROM checksums WHERE place = 'info') AS info, (SELECT count(*) FROM checksums) AS places`,
).join('\nUNION ALL ')

/** Writes what a commit changes; the caller holds the transaction. @throws {StateError} `STATE_UNREADABLE` */
export function writeChecksums(connection: SqliteConnection, changes: ChecksumChanges): void {
  // Numbers arrive as reals, in which a product would lose digits.
  const become = 'checksum * CAST(? AS INTEGER) + CAST(? AS INTEGER)'
  const text = `UPDATE checksums SET checksum = (${become}) & ${CHECKSUM_MASK} WHERE place = ?`
  for (const { place, times, plus } of changes.all()) {
    if (connection.run(text, times, plus, place) === 1) continue
    throw unreadable(`the checksum of its ${place} is missing`)
  }
}

/** What stands in the file of places whose records have no order. */
export function findSums(connection: SqliteConnection): FoundSums {
  const rows = connection.all(COMPARED)
  const [about] = rows
  return {
    sums: rows.map(({ place, sum, stored }) => ({
      place: place as Place,
      sum: Number(sum),
      stored: numberIn(stored),
    })),
    info: numberIn(about?.['info']),
    places: Number(about?.['places']),
  }
}

function numberIn(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value)
}
