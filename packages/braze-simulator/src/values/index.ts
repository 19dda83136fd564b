/**
 * How values from outside are read: JSON, and the dates Braze understands. Knows nothing of
 * Braze's rules.
 */
export { characterCount, firstCharacters } from './characters.ts'
export { isIsoTime, readDate } from './dates.ts'
export {
  bytesOf,
  canonicalText,
  isObject,
  isText,
  isWithinDepth,
  jsonBytes,
  listOf,
  objectsOf,
  own,
} from './json.ts'
export { decodePart } from './percent.ts'
export { zip } from './zip.ts'
