/*
 * pending: what a window of work did to open rows and has not delivered yet.
 *
 * `open-partition.ts` is the door: rows with the pool of one window, changes proposed, refused,
 * deferred; `pending-flags.ts` has the bits of a change. `slot-life.ts` says what may become of a change, and the pool turns by its table;
 * `row-notes.ts` is what is noted of whole rows. Several pools may be open over one partition; each
 * puts back what it found.
 */
export { copyColumn } from './copy-column.ts'
export * from './open-partition.ts'
export * from './open-rows.ts'
export * from './pending-pool.ts'
export { RowNotes } from './row-notes.ts'
export { SLOT_TURNS } from './slot-life.ts'
export type { SlotLife, SlotTurn } from './slot-life.ts'
export { blankColumn, imageOf, openImage } from './row-image.ts'
export type { PendingImage, RowImage } from './row-image.ts'
