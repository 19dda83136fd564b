/**
 * What comes from the sources, kept in memory until a window takes it.
 *
 * Knows sources and chunks; folds nothing.
 */
export { Feed } from './feed.ts'
export type { Backlog, FedChunk } from './feed.ts'
export { recordsOf } from './kept-chunk.ts'
