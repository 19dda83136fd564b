/**
 * A log in tables of PostgreSQL: several processes append to it, and everyone reads all of it.
 */
export { createPostgresLog } from './log.ts'
export type { PostgresLogOptions } from './place.ts'
