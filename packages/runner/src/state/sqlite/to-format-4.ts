import type { SqliteConnection } from './connection.ts'

/** Pieces of snapshots after the first, which stands in `snapshots` and says of which generation they are. */
export const PIECES = `
CREATE TABLE pieces (
  partition INTEGER NOT NULL, generation INTEGER NOT NULL, piece INTEGER NOT NULL, checksum INTEGER NOT NULL,
  bytes BLOB NOT NULL, PRIMARY KEY (partition, generation, piece)
) STRICT;
`

/** Lets snapshots be in pieces; those that are there stay as they are. */
export function toFormat4(connection: SqliteConnection): void {
  connection.exec(
    `ALTER TABLE snapshots ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;${PIECES}`,
  )
  // Nobody ever wrote it; the tables of format 3 are made without it by now.
  const unused = "SELECT 1 FROM pragma_table_info('owners') WHERE name = 'config_epoch'"
  if (connection.one(unused) !== undefined)
    connection.exec('ALTER TABLE owners DROP COLUMN config_epoch')
}
