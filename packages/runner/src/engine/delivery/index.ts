/**
 * Sending what was planned: requests packed, marked and kept in flight, their outcomes taken into rows and commits;
 * aliases joined before, cohorts after; and leave taken of users who are not finished.
 */
export { AttributeTypes } from './attribute-types.ts'
export { cohortsOf } from './cohorts.ts'
export { endedBy, PlanDelivery, writeRefused } from './deliver-passes.ts'
export type { Delivered, DeliveryRules, PlanDeliveryInputs } from './deliver-passes.ts'
export { deliverPass } from './deliver-pass.ts'
export type { PassInputs } from './deliver-pass.ts'
export { removingLetters } from './end-letters.ts'
export { isReason } from './next-update.ts'
export { deliverWindow } from './deliver-window.ts'
export type { WindowDelivered } from './deliver-window.ts'
export type { LateAnswers, LateEnd, RowAt } from './delivery-inputs.ts'
export type { OpenRequest } from './open-request.ts'
export { countedCall } from './sending.ts'
export type { SentCall } from './sending.ts'
export { NOTHING_DECIDED, Rounds } from './rounds.ts'
export type { RoundsEnded } from './rounds.ts'
export { RowOutcomes } from './row-outcomes.ts'
export type { DeliveryListener } from './row-outcomes.ts'
export { suspendUnfinished } from './suspend.ts'
