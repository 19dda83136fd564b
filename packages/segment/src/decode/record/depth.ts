import type { Json } from '@engage-sync/contract'

/** How deep a value may be nested; deeper ones are refused before anything recurses into them. */
export const MAX_DEPTH = 64

/** Whether a value is nested no deeper than `MAX_DEPTH` levels. */
export function isShallow(value: Json, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  for (const child of Array.isArray(value) ? (value as readonly Json[]) : Object.values(value)) {
    if (!isShallow(child, levels - 1)) return false
  }
  return true
}
