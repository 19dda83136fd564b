import type { Leaf, Timing } from './compiled.ts'

/** Timing of a mapping: its value changes only when Segment says so. */
export const MAPPING_TIMING: Timing = {
  mode: 'real time',
  reason: 'It changes only when Segment sends a new value.',
}

/**
 * Whether a filter can be kept up to date by events alone, and why.
 *
 * Shape: leaves in; `scheduled` as soon as one of them can change by the passing of time.
 */
export function timingOf(leaves: readonly Leaf[]): Timing {
  const timed = leaves.find(
    (leaf) => leaf.type === 'time' || (leaf.type === 'event' && leaf.withinDays !== null),
  )
  if (timed === undefined)
    return { mode: 'real time', reason: 'Its conditions change only when an event arrives.' }
  return { mode: 'scheduled', reason: `"${timed.text}" changes as time passes, without any event.` }
}
