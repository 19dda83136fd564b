/*
 * config/normalise: what is written → the long form of model/, defaults applied.
 */
export { normaliseCases } from './cases.ts'
export { normaliseProject } from './project.ts'
export { rangesOf } from './reader.ts'
export { normaliseSync } from './sync.ts'
