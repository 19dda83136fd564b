/**
 * One window: fold, plan, guard, deliver, leave, commit.
 *
 * The steps of a run over the rows of a session; begins nothing and repeats nothing by itself.
 */
export { lateSignals } from './late-signals.ts'
export { Window } from './window.ts'
export type { WindowSignals } from './scope.ts'
