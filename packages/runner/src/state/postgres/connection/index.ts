/**
 * A connection to PostgreSQL: where it is, statements that may be repeated and those that may not, what
 * the server refuses in our words.
 *
 * Knows nothing of what a state holds. The driver is loaded when something connects.
 */
export { DEFAULT_PATIENCE, PostgresConnection } from './connection.ts'
export type { Notice, Patience, Query } from './connection.ts'
export { isAdded, isDeadlock, isLost } from './errors.ts'
export { onlyRow } from './only-row.ts'
export { readPostgresUrl } from './url.ts'
export type { PostgresPlace } from './url.ts'
