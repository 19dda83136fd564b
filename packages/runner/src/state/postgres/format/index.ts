/**
 * The tables of a state in PostgreSQL, and the steps that bring those of a former format to it.
 *
 * Runs inside the transaction of whoever opens the state, and connects to nothing itself.
 */
export type { Migrating } from './migrating.ts'
export { POSTGRES_SCHEMA } from './schema.ts'
