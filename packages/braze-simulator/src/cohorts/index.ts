/** What requests of partners write: cohorts and their members. */
export { applyCohort, applyCohortUsers } from './apply.ts'
