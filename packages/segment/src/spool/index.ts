/** What can be read only once, on disk before its first record counts. */
export { eraseFromSpools } from './erase.ts'
export { feedSpool } from './feed.ts'
export { appendChunks, moveSpool } from './move.ts'
export type { FormerSpool } from './move.ts'
export { createSpool, spoolSource } from './spool.ts'
export type { SpoolOptions, SpoolSourceOptions } from './spool.ts'
