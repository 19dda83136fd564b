import { nextDue, PARTITIONS } from '@engage-sync/core'
import type { Json, OpenPartition, OpenRows, RunProgram, StateStore } from '@engage-sync/core'

/** Key of the next due time per partition: milliseconds, or null where nothing is due by time alone. */
export const DUE = 'due'

/** Partitions with users whose segments may have changed by time alone. */
export async function duePartitions(store: StateStore, nowMs: number): Promise<readonly number[]> {
  const due = ((await store.values(DUE)).get(DUE) ?? []) as readonly (number | null)[]
  return due.flatMap((at, number) => (at !== null && at <= nowMs ? [number] : []))
}

/** The next due times: computed for open partitions, kept for the others. */
export async function dueTimes(
  store: StateStore,
  rows: OpenRows,
  context: { readonly program: RunProgram; readonly nowMs: number },
): Promise<Json> {
  const before = ((await store.values(DUE)).get(DUE) ?? []) as readonly (number | null)[]
  const isScheduled = context.program.fold.segments.some(({ segment }) => segment.filter.timing.mode === 'scheduled')
  return Array.from({ length: PARTITIONS }, (_, number) => {
    const open = rows.partitions[number]
    if (open === undefined) return before[number] ?? null
    return isScheduled ? dueOf(open, context) : null
  })
}

function dueOf(open: OpenPartition, { program, nowMs }: { readonly program: RunProgram; readonly nowMs: number }): number | null {
  let due = Infinity
  const place = { open, row: 0, nowMs, events: [] }
  for (const segment of program.fold.segments) {
    if (segment.segment.filter.timing.mode !== 'scheduled') continue
    for (let row = 0; row < open.rows.rows; row++) {
      place.row = row
      due = Math.min(due, nextDue(segment, place))
    }
  }
  return Number.isFinite(due) ? due : null
}
