/*
 * rows: what is known of every user, dense and in memory, and how it becomes bytes in the state.
 *
 * A partition is a door with a view for each kind of column: `slots` (digest and time of a value),
 * `flags` (the row's head), `counts` (delivered events), `storedTexts` and `refused` (what few
 * cells have), and who delivered what. Where a row keeps which word is known here and in the fold,
 * and to nobody else: members marked as internal are left out of what the package declares, and
 * `test/rows/door.test.ts` looks for them in the sources above.
 */
export * from './cells.ts'
export * from './counts.ts'
export * from './day-counts.ts'
export * from './durable.ts'
export * from './forget-row.ts'
export * from './hash/index.ts'
export * from './layout.ts'
export * from './memory/index.ts'
export * from './partition.ts'
export * from './pending/index.ts'
export { pickRows } from './pick-rows.ts'
export type { Held, Slots } from './slots.ts'
export type { RowFlags } from './row-flags.ts'
