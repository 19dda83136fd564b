/** Braze's endpoints: a body in, an answer and what is to be written out. No HTTP here. */
export { answerCohorts } from './cohorts.ts'
export type { Endpoint, Reply } from './endpoint.ts'
export { ENDPOINTS } from './table.ts'
export { TRACK_ARRAYS } from './track.ts'
