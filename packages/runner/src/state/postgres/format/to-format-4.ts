import type { Migrating } from './migrating.ts'

/**
 * Pieces of snapshots after the first, which stands in `snapshots` and says of which generation they
 * are: those of another are written ahead of their first, or left behind by a process that died.
 */
export const PIECES = `
CREATE TABLE pieces (
  partition int NOT NULL, generation bigint NOT NULL, piece int NOT NULL, checksum bigint NOT NULL, bytes bytea NOT NULL,
  PRIMARY KEY (partition, generation, piece)
);
ALTER TABLE pieces ALTER COLUMN bytes SET STORAGE EXTERNAL;
ALTER TABLE pieces ALTER COLUMN bytes SET STATISTICS 0;
`

/** Nobody ever wrote it; the tables of format 3 are made without it by now. */
const UNUSED = 'ALTER TABLE owners DROP COLUMN IF EXISTS config_epoch;'

/** Lets snapshots be in pieces; those that are there stay as they are. The tables are found by the search path. */
export async function toFormat4(database: Migrating): Promise<void> {
  await database.script(
    `ALTER TABLE snapshots ADD COLUMN generation bigint NOT NULL DEFAULT 0;${PIECES}${UNUSED}`,
  )
}
