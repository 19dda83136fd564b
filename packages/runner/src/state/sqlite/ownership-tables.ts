import { PARTITIONS } from '@engage-sync/core'

/** Who works on the state at once, and which partitions are whose. */
export const OWNERSHIP = `
CREATE TABLE workers (
  worker TEXT PRIMARY KEY, epoch INTEGER NOT NULL, expires_at INTEGER NOT NULL, seen_at INTEGER NOT NULL,
  url TEXT, fingerprint TEXT NOT NULL, demand INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE owners (partition INTEGER PRIMARY KEY, worker TEXT, epoch INTEGER NOT NULL, wanted TEXT) STRICT;
INSERT INTO owners VALUES ${Array.from({ length: PARTITIONS }, (_, number) => `(${number}, NULL, 0, NULL)`).join(', ')};
`
