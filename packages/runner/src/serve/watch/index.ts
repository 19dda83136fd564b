/**
 * What people see who look at a server: some records on their way, live, for as long as they look.
 *
 * Knows nothing of pages; decides what is shown of a person, and to whom.
 */
export type { KnownMapping, WatchedConfiguration } from './entry.ts'
export { Viewer } from './viewer.ts'
export { Watch } from './watch.ts'
