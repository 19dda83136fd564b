/** What Braze's answers mean: outcomes per object, stable codes, and words that cannot be a value. */
export { readBody, saysSuccess } from './answer-body.ts'
export type { AnswerBody } from './answer-body.ts'
export { readTrackAnswer, rejectionOfBody } from './outcome.ts'
export { rejectionOf } from './reasons.ts'
