/**
 * Looking at what the state knows without changing it: a user, the sizes of memberships, a sample
 * beside the destination's own export.
 */
export { compareAttribute } from './compare-attribute.ts'
export { EVENT_AGE_MS } from './verify-sample.ts'
export { inspectUser } from './inspect-user.ts'
export type { InspectedSlot, InspectedUser } from './inspected.ts'
export { NOT_READ } from './not-sent.ts'
export { targetOf } from './target.ts'
export { membershipSizes } from './membership-sizes.ts'
export { verifyMembers } from './verify-members.ts'
export type { MembersVerification } from './verify-members.ts'
export { verifySample } from './verify-sample.ts'
export type { Difference, Verification } from './verify-sample.ts'
