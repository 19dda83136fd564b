import { PARTITIONS } from '@engage-sync/core'

/**
 * Who works on the state at once, which partitions are whose, and how Braze's limits are shared out. A commit leaves its id in the row
 * of its worker, as one under the lease does in that of the lease.
 */
export const OWNERSHIP = `
CREATE TABLE workers (
  worker text PRIMARY KEY, epoch bigint NOT NULL, fence bigint NOT NULL, expires_at bigint NOT NULL,
  seen_at bigint NOT NULL, last_write text NOT NULL, former_write text NOT NULL,
  url text, fingerprint text NOT NULL, demand int NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE owners (
  partition int PRIMARY KEY, worker text, epoch bigint NOT NULL, wanted text
) WITH (fillfactor = 50);
CREATE TABLE rates (name text PRIMARY KEY, version bigint NOT NULL, book text NOT NULL) WITH (fillfactor = 20);
INSERT INTO owners SELECT number, NULL, 0, NULL FROM generate_series(0, ${PARTITIONS - 1}) AS number;
`
