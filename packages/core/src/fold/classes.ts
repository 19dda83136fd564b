/**
 * How a value, and the record that carried it, ended. A bit each; the highest one set names the
 * class, in the order a record takes its first class in: rejected, changed, stale, duplicate,
 * unchanged, skipped, unmapped.
 */
export const UNMAPPED = 1
export const SKIPPED = 2
export const UNCHANGED = 4
export const DUPLICATE = 8
export const STALE = 16
export const CHANGED = 32
export const REJECTED = 64
/** Beside the classes: something of it waits, and is counted when it is folded. */
export const WAITS = 128

/** Class names by bit number. */
export const CLASS_NAMES = [
  'unmapped',
  'skipped',
  'unchanged',
  'duplicate',
  'stale',
  'changed',
  'rejected',
] as const

/** Number of the highest bit set: the class. At least one bit must be set. */
export function classOf(bits: number): number {
  return 31 - Math.clz32(bits)
}
