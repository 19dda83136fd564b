import { PostgresConnection, readPostgresUrl } from './connection/index.ts'
import { POSTGRES_SCHEMA } from './format/index.ts'

/**
 * Removes the tables of a state from PostgreSQL, and nothing else; the schema they stood in stays.
 */
export async function dropPostgresState(url: string): Promise<void> {
  const connection = new PostgresConnection(readPostgresUrl(url))
  const tables = [...POSTGRES_SCHEMA.create.matchAll(/CREATE TABLE (\S+)/g)].map(
    ([, name]) => `"${connection.place.schema}".${name}`,
  )
  try {
    await connection.open()
    await connection.repeatable({ text: `DROP TABLE IF EXISTS ${tables.join(', ')}` })
  } finally {
    await connection.close()
  }
}
