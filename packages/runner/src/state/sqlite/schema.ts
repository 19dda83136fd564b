import type { StateSchema } from '../format/migrations.ts'
import { STATE_FORMAT } from '../format/migrations.ts'

/** Tables of the current format. One row per thing; bytes of rows belong to core. */
const CREATE = `
CREATE TABLE info (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE lease (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, owner TEXT, expires_at INTEGER NOT NULL, seen_at INTEGER NOT NULL) STRICT;
INSERT INTO lease VALUES (1, 0, NULL, 0, 0);
CREATE TABLE snapshots (partition INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE deltas (id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, checksum INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE INDEX deltas_by_partition ON deltas (partition, id);
CREATE TABLE marks (id TEXT PRIMARY KEY, run INTEGER NOT NULL, intent TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE positions (source TEXT PRIMARY KEY, position TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE mappings (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE "values" (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE runs (number INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE dead_letters (id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, sync TEXT NOT NULL, code TEXT NOT NULL, expires_at INTEGER NOT NULL, record TEXT NOT NULL) STRICT;
CREATE INDEX dead_letters_by_expiry ON dead_letters (expires_at);
`

/** The format a state in a SQLite file has, and how older ones become it. */
export const SQLITE_SCHEMA: StateSchema = { format: STATE_FORMAT, create: CREATE, migrations: [] }
