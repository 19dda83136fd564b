/**
 * What a stream is asked for, what ends or stops it, and how long it waits for what passes.
 *
 * Imports nothing of the stream.
 */
export { OutOfLine, Stopped, TooManyHeld, TooManyWait } from './ends.ts'
export { MAX_WINDOW_RECORDS } from './options.ts'
export type { SharedState, StreamOptions, StreamShare, WindowReport } from './options.ts'
export { backOffMs, passes } from './patience.ts'
