/**
 * What every source needs: its errors, its limits, and chunks made of texts.
 *
 * Knows nothing of decoding, of files or of services.
 */
export { blankLines, namesAnyOf } from './blank-lines.ts'
export { countOf } from './count-of.ts'
export {
  badPosition,
  BY_GLOB,
  errorCode,
  passedOverText,
  SourceError,
  sourceNotFound,
  sourceUnreadable,
} from './errors.ts'
export { followByReading, sleepUntil } from './follow.ts'
export { MAX_CHUNK_RECORDS, MAX_RECORD_BYTES, READ_BYTES } from './limits.ts'
export { isDayFolder, recordTexts, sampleOrigins } from './origins.ts'
export { makePrivateDirectory } from './private-directory.ts'
export { toRawChunk } from './raw-chunk.ts'
