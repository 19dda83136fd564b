/**
 * What Braze's answers mean: outcomes per object, stable codes, and words that cannot be a value.
 */
export { isForeign, readBody } from './answer-body.ts'
export type { AnswerBody } from './answer-body.ts'
export { readTrackAnswer, rejectionOfBody, uncountedOf } from './outcome.ts'
export { rejectionOf } from './reasons.ts'
