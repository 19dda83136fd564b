/** A source as an iterable of changes, for programs that want no chunks and no rows. */
export { changes } from './changes.ts'
export type { ChangesOptions } from './changes.ts'
