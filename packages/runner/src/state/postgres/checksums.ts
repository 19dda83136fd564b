import { CHECKSUM_MASK, SUMMED } from '../format/place-checksums.ts'
import type { FoundSums, Place } from '../format/place-checksums.ts'
import type { PostgresConnection } from './connection/index.ts'

/** Where the records of a place are. */
const RECORDS: Readonly<Partial<Record<Place, string>>> = {
  values: '"values"',
  waiting: "dead_letters WHERE code = 'PENDING_USER'",
  'dead letters': "dead_letters WHERE code <> 'PENDING_USER'",
}

interface Found {
  readonly place: Place
  readonly sum: number
  readonly stored: number | null
  readonly info: number | null
  readonly places: number
}

/**
 * What stands in the database of places whose records have no order.
 *
 * @param schema - quoted, as it stands in statements
 */
export async function findSums(connection: PostgresConnection, schema: string): Promise<FoundSums> {
  const stored = (place: Place) =>
    `(SELECT checksum::float8 FROM ${schema}.checksums WHERE place = '${place}')`
  // One statement, so that all is of the same instant.
  const compared = SUMMED.map(
    (place) => `SELECT '${place}' AS place, ${stored(place)} AS stored, ${stored('info')} AS info,
      (SELECT (coalesce(sum(checksum), 0) % ${CHECKSUM_MASK + 1})::float8 FROM ${schema}.${RECORDS[place] ?? place}) AS sum,
      (SELECT count(*)::int FROM ${schema}.checksums) AS places`,
  )
  const rows = await connection.repeatable<Found>({ text: compared.join('\nUNION ALL ') })
  return {
    sums: rows.map((row) => ({ place: row.place, sum: row.sum, stored: row.stored ?? undefined })),
    info: rows[0]?.info ?? undefined,
    places: rows[0]?.places ?? 0,
  }
}
