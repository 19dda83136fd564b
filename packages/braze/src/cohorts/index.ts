/** Cohorts: packing memberships, the keys that join them, and their answers. */
export { createCohorts, withKeys } from './cohorts.ts'
export type { CohortKeys } from './cohorts.ts'
export { packCohort } from './pack-cohort.ts'
