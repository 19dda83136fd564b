import { rowsNumber, SPREAD } from '../format/checksum.ts'
import { STATE_FORMAT } from '../format/migrations.ts'
import type { StateSchema } from '../format/migrations.ts'
import { PLACES } from '../format/place-checksums.ts'
import type { SqliteConnection } from './connection.ts'
import { OWNERSHIP } from './ownership-tables.ts'
import { bindRecords, startChains } from './to-format-2.ts'
import { toFormat3 } from './to-format-3.ts'
import { PIECES, toFormat4 } from './to-format-4.ts'

/** A place for the checksum of each table and partition, which is 0 as long as they are empty. */
const PLACES_OF_CHECKSUMS = `
CREATE TABLE checksums (place TEXT PRIMARY KEY, checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO checksums VALUES ${PLACES.map((place) => `('${place}', 0)`).join(', ')};
CREATE INDEX runs_by_checksum ON runs (checksum);
CREATE INDEX dead_letters_by_code ON dead_letters (code, checksum);
`

/** Tables of the current format. One row per thing; bytes of rows belong to core. */
const CREATE = `
CREATE TABLE info (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE lease (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, owner TEXT, expires_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, last_run INTEGER NOT NULL) STRICT;
INSERT INTO lease VALUES (1, 0, NULL, 0, 0, 0);
CREATE TABLE snapshots (partition INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, generation INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE deltas (id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, checksum INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE INDEX deltas_by_partition ON deltas (partition, id);
CREATE TABLE marks (id TEXT PRIMARY KEY, run INTEGER NOT NULL, intent TEXT NOT NULL, checksum INTEGER NOT NULL DEFAULT 0, partition INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE positions (source TEXT NOT NULL, partition INTEGER NOT NULL, position TEXT NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (source, partition)) STRICT, WITHOUT ROWID;
CREATE TABLE mappings (id TEXT PRIMARY KEY, record TEXT NOT NULL, checksum INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE "values" (key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE runs (number INTEGER PRIMARY KEY, record TEXT NOT NULL, checksum INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE dead_letters (id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, sync TEXT NOT NULL, code TEXT NOT NULL, expires_at INTEGER NOT NULL, record TEXT NOT NULL, checksum INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX dead_letters_by_expiry ON dead_letters (expires_at);
${OWNERSHIP}${PIECES}${PLACES_OF_CHECKSUMS}`

const RECORD_TABLES = ['marks', 'positions', 'mappings', '"values"', 'runs', 'dead_letters']

/** Adds what format 2 has; the checksums of rows are bound to their partitions without reading their bytes. */
const TO_FORMAT_2 = `
${RECORD_TABLES.map((table) => `ALTER TABLE ${table} ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;`).join('\n')}
UPDATE snapshots SET checksum = (checksum + (partition * 2 + ${rowsNumber('snapshot', 0)}) * ${SPREAD}) & 4294967295;
UPDATE deltas SET checksum = (checksum + (partition * 2 + ${rowsNumber('delta', 0)}) * ${SPREAD}) & 4294967295;
`

function toFormat2(connection: SqliteConnection): void {
  connection.exec(TO_FORMAT_2)
  bindRecords(connection)
  connection.exec(PLACES_OF_CHECKSUMS)
  startChains(connection)
}

/** The format a state in a SQLite file has, and how older ones become it. */
export const SQLITE_SCHEMA: StateSchema<SqliteConnection> = {
  format: STATE_FORMAT,
  create: CREATE,
  migrations: [
    { from: 1, bring: toFormat2 },
    { from: 2, bring: toFormat3 },
    { from: 3, bring: toFormat4 },
  ],
}
