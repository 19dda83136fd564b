/**
 * Sources that go on, followed into the destination window by window: what a run does once, over
 * what came since the last time.
 *
 * Stands above the flow: `openStream` holds the lease and catches up by an ordinary run, `feeding`
 * keeps what comes in memory, and a window takes it. Knows no HTTP, no files and no configuration.
 */
export { MAX_WINDOW_RECORDS, OutOfLine, passes } from './terms/index.ts'
export type { SharedState, StreamOptions, WindowReport } from './terms/index.ts'
export { addRecords, frozenMappings, lessRecords, NO_RECORDS } from './status/index.ts'
export type { StreamStatus } from './status/index.ts'
export { openStream, streamUnder } from './stream.ts'
export type { Stream, StreamEnd } from './window-stream.ts'
