/**
 * What is kept of what cannot be delivered: records and values that were rejected, values the
 * destination refused.
 *
 * Makes the letters; committing and sending them again is others' work.
 */
export { deadLetterFrame, RecordDeadLetters } from './record-letters.ts'
export type { DeadLetterContext } from './record-letters.ts'
export { refusedLetter } from './refused-value.ts'
export type { Refusal } from './refused-value.ts'
