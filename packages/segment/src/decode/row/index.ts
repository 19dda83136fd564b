/**
 * The row that decoders fill, and the decoder that fills it by `JSON.parse`: the judge of the fast
 * ones.
 */
export { ExactDecoder } from './exact-decoder.ts'
export { clearRow, createRow, endChanges, endSkipped } from './row.ts'
export { WantedKeys } from './wanted.ts'
