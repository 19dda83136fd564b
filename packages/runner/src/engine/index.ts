/**
 * The engine: from records of sources to what a destination holds, over rows of the state.
 *
 * `run` does it, `planRun` says what it would do; both go open → fold → plan → guard → deliver →
 * finish, and each room holds one of those ideas.
 */
export { WAITING } from './deferred/index.ts'
export {
  inspectUser,
  membershipSizes,
  NOT_READ,
  targetOf,
  verifyMembers,
  verifySample,
} from './inspect/index.ts'
export type {
  Difference,
  InspectedSlot,
  InspectedUser,
  MembersVerification,
  Verification,
} from './inspect/index.ts'
export { changesBetween, leftBetween, syncsBetween } from './mappings/index.ts'
export type { ChangedSync } from './mappings/index.ts'
export { planRun } from './plan.ts'
export type { BaseOptions } from './plan-base.ts'
export type { PlanResult } from './plan.ts'
export { savedPositions } from './reading/index.ts'
export type { PlanListener } from './reading/index.ts'
export * from './request/index.ts'
export { run } from './run.ts'
export type { RunResult } from './finish.ts'
