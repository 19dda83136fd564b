import { nextDue as nextDueOf } from '@engage-sync/core'
import type { OpenPartition, RunProgram, StateStore } from '@engage-sync/core'
import type { StoredValue } from '../../state/values/named-value.ts'
import { nextDue } from '../../state/values/due-values.ts'

/** Partitions with users whose segments may have changed by time alone. */
export async function duePartitions(store: StateStore, nowMs: number): Promise<readonly number[]> {
  const due = await nextDue.read(store)
  return due.flatMap((at, number) => (at !== null && at <= nowMs ? [number] : []))
}

/**
 * Gathers the next due times, partition by partition; those not worked on keep theirs, and so do
 * users and syncs left out.
 */
export class DueTimes {
  readonly #program: RunProgram
  readonly #nowMs: number
  readonly #isScheduled: boolean
  readonly #isPartial: boolean
  readonly #times = new Map<number, number | null>()

  /**
   * @param parts - `isPartial`: the run leaves out users or syncs, so that what was due of them
   * stays due
   */
  constructor(
    program: RunProgram,
    { nowMs, isPartial }: { readonly nowMs: number; readonly isPartial: boolean },
  ) {
    this.#program = program
    this.#nowMs = nowMs
    this.#isPartial = isPartial
    this.#isScheduled = program.fold.segments.some(
      ({ segment }) => segment.filter.timing.mode === 'scheduled',
    )
  }

  /** Notes when users of an open partition are due next. @param left - rows that count elsewhere */
  note(open: OpenPartition, left: ReadonlySet<number>): void {
    this.#times.set(open.rows.number, this.#isScheduled ? this.#dueOf(open, left) : null)
  }

  /** The values to keep: those that are not what they were. */
  async values(store: StateStore): Promise<readonly StoredValue[]> {
    const before = await nextDue.read(store)
    return before.flatMap((time, number) => {
      const next = this.#next(number, time)
      return next === time ? [] : [nextDue.stored(number, next)]
    })
  }

  #next(partition: number, before: number | null): number | null {
    const now = this.#times.get(partition)
    if (now === undefined) return before
    if (!this.#isPartial || before === null) return now
    return Math.min(before, now ?? Infinity)
  }

  #dueOf(open: OpenPartition, left: ReadonlySet<number>): number | null {
    let due = Infinity
    const place = { open, row: 0, nowMs: this.#nowMs, events: [] }
    for (const segment of this.#program.fold.segments) {
      if (segment.segment.filter.timing.mode !== 'scheduled') continue
      for (let row = 0; row < open.rows.rows; row++) {
        if (left.has(row)) continue
        place.row = row
        due = Math.min(due, nextDueOf(segment, place))
      }
    }
    return Number.isFinite(due) ? due : null
  }
}
