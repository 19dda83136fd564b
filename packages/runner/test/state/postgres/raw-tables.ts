import type { RawTables } from '@engage-sync/testkit'
import type { Client } from 'pg'

/** The tables of a state in a schema, over a connection of their own. */
export function postgresTables(url: string, schema: string): RawTables {
  const within = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const { default: pg } = await import('pg')
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      await client.query(`SET search_path TO ${schema}`)
      return await work(client)
    } finally {
      await client.end()
    }
  }
  return {
    read: (table) =>
      within(async (client) => (await client.query(`SELECT * FROM "${table}"`)).rows),
    write: (table, rows) =>
      within(async (client) => {
        await client.query(`BEGIN; DELETE FROM "${table}"`)
        for (const row of rows) {
          const places = Object.keys(row).map((_, index) => `$${index + 1}`)
          const insert = `INSERT INTO "${table}" (${Object.keys(row).join(', ')}) VALUES (${places.join(', ')})`
          await client.query(insert, Object.values(row))
        }
        await client.query('COMMIT')
      }),
  }
}
