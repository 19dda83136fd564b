/*
 * cases: tests of a sync, in YAML: events in, what should be sent out.
 *
 * `run-case.ts` goes the whole way in memory, `compare.ts` tells what differs, `coverage.ts` what no
 * case shows; `draft.ts` makes cases of real events, without personal data.
 */
export * from './accept.ts'
export * from './actual.ts'
export * from './compare.ts'
export * from './coverage.ts'
export { draftCases } from './draft.ts'
export { caseRecords } from './records.ts'
export * from './rewrite.ts'
export * from './run-case.ts'
export { readEvent } from './seen-event.ts'
export type { SeenEvent } from './seen-event.ts'
export { eventTimes } from './times.ts'
