/**
 * Segment's requests to forget users: whom a run forgets, and the erasing of rows, letters and,
 * where asked for, of the user at the destination.
 *
 * May write rows and commit through the durable room; knows neither reading nor delivery.
 */
export { Deletions } from './deletions.ts'
export type { ForgottenUser } from './deletions.ts'
export { forgetUsers } from './forget.ts'
