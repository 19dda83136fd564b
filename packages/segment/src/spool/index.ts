/** What can be read only once, on disk before its first record counts. */
export { eraseFromSpools } from './erase.ts'
export { feedSpool } from './feed.ts'
export { createSpool, spoolSource } from './spool.ts'
export type { SpoolOptions, SpoolSourceOptions } from './spool.ts'
