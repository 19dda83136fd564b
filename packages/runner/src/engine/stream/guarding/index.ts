/**
 * What stops a window, or a membership of it, before anything is sent: budgets by the hour and the
 * day, durable ahead of what they let pass.
 *
 * Judges the plan of a window; the users it freezes are held by the window.
 */
export { ChargedBefore } from './charged-before.ts'
export { FleetGuards } from './fleet-guards.ts'
export type { Guards } from './guarded-window.ts'
export { RollingBudget } from './rolling-budget.ts'
export { guardWindow } from './guard-window.ts'
export { RunJudge } from './judge-run.ts'
export { StreamGuards } from './stream-guards.ts'
export { takeAllowed } from './take-allowed.ts'
