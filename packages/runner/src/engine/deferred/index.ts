/**
 * Users who cannot be finished: their records wait durably, as dead letters of the stage `waiting`,
 * so that the source may go on without them; the next run folds them first.
 *
 * `deferred-users` is what earlier runs left, `collect` finds the records of those this run leaves,
 * `deferred-records` makes letters of them, `unanswered-columns` tells what of them the destination
 * may hold; of `frozen-users` a guard holds a membership, and that alone waits. May touch rows
 * through partitions, and the state through its letters; knows neither reading nor delivery.
 */
export { collectDeferred, MOST_USERS } from './collect.ts'
export { DeferredRecords, WAITING_MESSAGE } from './deferred-records.ts'
export { DeferredUsers } from './deferred-users.ts'
export { WAITING, WaitingLetters } from './waiting-letters.ts'
export type { DeferredLetter } from './waiting-letters.ts'
export { FrozenUsers } from './frozen-users.ts'
export type { DeferredUser } from './deferred-user.ts'
