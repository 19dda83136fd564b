/**
 * What a caller asks of the engine: the options of a run, its kind, and who is told of its steps.
 *
 * Every room may import this one; it imports ports and the state's choice of letters alone.
 */
export { nothingFound } from './asking.ts'
export type { AskOptions, HoldingsFound } from './asking.ts'
export type { EngineEvent, Observer } from './events.ts'
export type { Judge } from './judge.ts'
export type { EngineOptions, OnUnknown } from './options.ts'
export { checkPlanDigest, planDigestOf } from './plan-digest.ts'
export type { PartEnd, PartPlan } from './part.ts'
export type { RowShelf } from './row-shelf.ts'
export type { PlanDigest } from './plan-digest.ts'
export {
  ADOPT_HELD,
  INCREMENTAL,
  repairOf,
  REREAD,
  RESEND,
  resendOf,
  retryOf,
  someSyncs,
  someUsers,
  WINDOW,
  worksOn,
} from './run-kind.ts'
export type { RunKind, UnselectedSync } from './run-kind.ts'
