/**
 * How a stream stands, for whoever asks: cheap, and without personal data.
 *
 * Written by the stream alone; decides nothing.
 */
export { addRecords, frozenMappings, lessRecords, NO_RECORDS } from './status.ts'
export type { FrozenMapping, StreamStatus } from './status.ts'
export { StatusBoard } from './status-board.ts'
