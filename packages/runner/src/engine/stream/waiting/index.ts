/**
 * Users who wait so that nobody else has to: late answers, failures, requests to be decided,
 * guards.
 *
 * Holds say who, late work and undecided marks how long; the letters are the window's.
 */
export { Holds } from './holds.ts'
export { LateWork } from './late-work.ts'
export { UndecidedMarks } from './undecided-marks.ts'
