/**
 * Dead letters sent again: the letters of a retry, the records they keep, and the values the
 * destination refused, made pending as they were.
 *
 * Touches open rows; a letter comes off the list in delivery, with the commit that says how its
 * change ended.
 */
export { restoreRefused, retriedRecords } from './restore-refused.ts'
export { RetriedLetters } from './retried-letters.ts'
export type { RetriedChange } from './retried-letters.ts'
