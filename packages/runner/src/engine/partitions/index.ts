/**
 * The rows a run works on: partitions opened on first touch and brought in line with the
 * configuration, pass by pass; and when time alone changes their segments.
 *
 * Touches rows; commits nothing.
 */
export { duePartitions, DueTimes } from './due-times.ts'
export { setTimesBack, timesAhead } from './future-times.ts'
export type { TimesAhead } from './future-times.ts'
export { KeptRows } from './kept-rows.ts'
export { covers } from './pass-shard.ts'
export type { PassShard } from './pass-shard.ts'
export { loadPartition, Partitions } from './partitions.ts'
export { retellVerdict } from './retell-verdict.ts'
export { planRowMigrations } from './row-migrations.ts'
export type { RowMigrations } from './row-migrations.ts'
