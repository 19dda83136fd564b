/** Profiles that Segment writes to PostgreSQL: the queries, the passes over them, the source. */
export { createProfilesSyncSource } from './source.ts'
export type { ProfilesSyncOptions } from './source.ts'
