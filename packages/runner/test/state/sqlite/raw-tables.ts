import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue } from 'node:sqlite'
import type { RawTables } from '@engage-sync/testkit'

/** The tables of a state in a file, over a connection of their own. */
export function sqliteTables(path: string): RawTables {
  const within = <T>(work: (database: DatabaseSync) => T): T => {
    const database = new DatabaseSync(path)
    try {
      return work(database)
    } finally {
      database.close()
    }
  }
  return {
    read: async (table) => within((database) => database.prepare(`SELECT * FROM "${table}"`).all()),
    write: async (table, rows) =>
      within((database) => {
        database.exec(`BEGIN IMMEDIATE; DELETE FROM "${table}"`)
        for (const row of rows) {
          const places = Object.keys(row).map(() => '?')
          const insert = `INSERT INTO "${table}" (${Object.keys(row).join(', ')}) VALUES (${places.join(', ')})`
          database.prepare(insert).run(...(Object.values(row) as SQLInputValue[]))
        }
        database.exec('COMMIT')
      }),
  }
}
