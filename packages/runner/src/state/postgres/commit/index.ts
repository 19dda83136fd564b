/**
 * What is written into a state in PostgreSQL: one statement each, which happens once or not at all, and only
 * while its writer may write all of it.
 *
 * Reads nothing that is there beside it; whoever writes is told by the ticket.
 */
export { commitQuery, pieceQuery } from './commit.ts'
export { expiryQuery } from './expiry.ts'
export { PostgresWriter } from './writer.ts'
export type { WriteInstants } from './writer.ts'
