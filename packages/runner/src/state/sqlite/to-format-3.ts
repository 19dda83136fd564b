import { ChecksumChanges } from '../format/place-checksums.ts'
import { FORMER_DUE, splitDue } from '../format/split-due.ts'
import { writeChecksums } from './checksums.ts'
import type { SqliteConnection } from './connection.ts'
import { OWNERSHIP } from './ownership-tables.ts'

/** The key of a table cannot be changed, so the positions move into a new one. */
const COLUMNS = `
ALTER TABLE lease ADD COLUMN last_run INTEGER NOT NULL DEFAULT 0;
ALTER TABLE marks ADD COLUMN partition INTEGER NOT NULL DEFAULT -1;
CREATE TABLE positions_of_partitions (source TEXT NOT NULL, partition INTEGER NOT NULL, position TEXT NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (source, partition)) STRICT, WITHOUT ROWID;
INSERT INTO positions_of_partitions SELECT source, -1, position, checksum FROM positions;
DROP TABLE positions;
ALTER TABLE positions_of_partitions RENAME TO positions;
${OWNERSHIP}`

/** Gives partitions owners, and due times of their own. */
export function toFormat3(connection: SqliteConnection): void {
  connection.exec(COLUMNS)
  const due = connection.one('SELECT value, checksum FROM "values" WHERE key = ?', FORMER_DUE)
  if (due === undefined) return
  const changes = new ChecksumChanges()
  connection.run('DELETE FROM "values" WHERE key = ?', FORMER_DUE)
  changes.remove('values', Number(due['checksum']))
  for (const { key, value, checksum } of splitDue(String(due['value']))) {
    connection.run('INSERT INTO "values" VALUES (?, ?, ?)', key, value, checksum)
    changes.add('values', checksum)
  }
  writeChecksums(connection, changes)
}
