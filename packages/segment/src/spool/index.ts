/** What can be read only once, on disk before its first record counts. */
export { createSpool, spoolSource } from './spool.ts'
export type { EventSpool, SpoolOptions, SpoolSourceOptions } from './spool.ts'
