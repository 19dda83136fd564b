import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Whether a text stands anywhere in the tables of a PostgreSQL server's files; its write-ahead log
 * is not looked at.
 */
export async function databaseFilesHold(url: string, text: string): Promise<boolean> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('CHECKPOINT')
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
  await client.end()
  return readdirSync(join(rows[0].data_directory, 'base'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(text))
}
