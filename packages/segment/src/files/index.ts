/**
 * Events from files: finding them, knowing them again, reading bytes plain or gzipped, splitting
 * them into records.
 */
export { UpToReader } from './byte-reader.ts'
export type { ByteReader } from './byte-reader.ts'
export { expandBatch, isBatchLine } from './expand.ts'
export { isMissing } from './follow.ts'
export { GunzipReader } from './gunzip-reader.ts'
export { inTimeOrder } from './list.ts'
export { readPosition } from './position.ts'
export type { FilePosition } from './position.ts'
export { RecordSplitter, SplitRoom } from './record-splitter.ts'
export type { RecordBatch, SplitLimits } from './record-splitter.ts'
export { createFileSource } from './source.ts'
export type { FileSourceOptions } from './source.ts'
