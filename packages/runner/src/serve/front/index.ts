/**
 * The front of the server: takes what is posted, keeps it on disk, and only then acknowledges it.
 *
 * Knows nothing of windows, of the engine and of Braze.
 */
export { refusal, send } from './answer.ts'
export type { Answer } from './answer.ts'
export { closeFront, createFront, listen, urlForOthers } from './http-server.ts'
export type { Exchange } from './http-server.ts'
export { Log } from './log.ts'
export type { Closed } from './log.ts'
export { BodyRoom } from './read-body.ts'
export { receive } from './receive.ts'
export type { Inlet } from './receive.ts'
export { Histogram, newTally } from './tally.ts'
export type { SourceTally } from './tally.ts'
