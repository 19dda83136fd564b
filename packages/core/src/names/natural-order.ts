const collator = new Intl.Collator('en', { numeric: true })

/**
 * Orders names as people count: `team-2` before `team-10`. Of names that differ in nothing it looks at, those that come
 * first as text.
 *
 * Shape: for `toSorted`; never 0 for different names.
 */
export function inNaturalOrder(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : Number(a > b))
}
