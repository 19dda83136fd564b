import { FORMER_DUE, splitDue } from '../../format/split-due.ts'
import { CHECKSUM_MASK } from '../../format/place-checksums.ts'
import { OWNERSHIP } from './ownership-tables.ts'
import type { Migrating } from './migrating.ts'

const COLUMNS = `
ALTER TABLE lease ADD COLUMN last_run bigint NOT NULL DEFAULT 0;
ALTER TABLE marks ADD COLUMN partition int NOT NULL DEFAULT -1;
ALTER TABLE positions ADD COLUMN partition int NOT NULL DEFAULT -1;
ALTER TABLE positions DROP CONSTRAINT positions_pkey;
ALTER TABLE positions ADD PRIMARY KEY (source, partition);
`

/** Gives partitions owners, and due times of their own. The tables are found by the search path. */
export async function toFormat3(database: Migrating): Promise<void> {
  await database.script(COLUMNS)
  await database.script(OWNERSHIP)
  const { run } = database
  const [due] = await run<{ value: string; checksum: number }>(
    'SELECT value, checksum::float8 AS checksum FROM "values" WHERE key = $1',
    [FORMER_DUE],
  )
  if (due === undefined) return
  const parts = splitDue(due.value)
  await run('DELETE FROM "values" WHERE key = $1', [FORMER_DUE])
  for (const { key, value, checksum } of parts)
    await run('INSERT INTO "values" (key, value, checksum) VALUES ($1, $2, $3)', [
      key,
      value,
      checksum,
    ])
  const plus = parts.reduce((sum, { checksum }) => sum + checksum, -due.checksum)
  await run(
    `UPDATE checksums SET checksum = (checksum + $1::bigint) & ${CHECKSUM_MASK} WHERE place = 'values'`,
    [plus],
  )
}
