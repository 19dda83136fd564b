import { nextDue as nextDueOf, PARTITIONS } from '@engage-sync/core'
import type { OpenPartition, RunProgram, StateStore } from '@engage-sync/core'
import type { StoredValue } from '../../../state/values/named-value.ts'
import { nextDue } from '../../../state/values/due-values.ts'
import type { Partitions } from '../../partitions/index.ts'
import { RowTimes } from './row-times.ts'

/**
 * When time alone may change a segment of a row: kept up by the rows that are touched, so that
 * nobody looks at all of them at each window.
 *
 * Of each partition a lower bound is durable. Where it is reached, the times of its rows are looked
 * through, and those that are due are touched.
 */
export class DueRows {
  readonly #segments: RunProgram['fold']['segments']
  /** By partition, of those that are open. */
  readonly #rows = new Map<number, RowTimes>()
  /** By partition: no row is due before. */
  readonly #least: number[]
  /** Partitions whose bound is not what is stored. */
  readonly #dirty = new Set<number>()
  #nowMs: number

  private constructor(program: RunProgram, least: number[], nowMs: number) {
    this.#segments = program.fold.segments.filter(
      ({ segment }) => segment.filter.timing.mode === 'scheduled',
    )
    this.#least = least
    this.#nowMs = nowMs
  }

  /** Those of a state, and of the partitions that are opened from now on. */
  static async load(
    store: StateStore,
    { partitions, program }: { readonly partitions: Partitions; readonly program: RunProgram },
    nowMs: number,
  ): Promise<DueRows> {
    const stored = await nextDue.read(store)
    const least = Array.from({ length: PARTITIONS }, (_, number) => stored[number] ?? Infinity)
    const due = new DueRows(program, least, nowMs)
    partitions.prepare((open) => due.#open(open))
    return due
  }

  /** When the next row is due at the earliest, milliseconds since the epoch; Infinity for never. */
  get nextMs(): number {
    return this.#least.reduce((least, time) => Math.min(least, time), Infinity)
  }

  /** Has the rows looked at that are due by now. Opens partitions for that. */
  async touch(partitions: Partitions, nowMs: number): Promise<void> {
    this.#nowMs = nowMs
    for (const [number, least] of this.#least.entries()) {
      if (least > nowMs) continue
      const open = partitions.rows.partitions[number]
      if (open === undefined) await partitions.open(number)
      else this.#touchDue(open)
    }
  }

  /** Notes when the touched rows of an open partition are due next. */
  note(open: OpenPartition): void {
    if (this.#segments.length === 0) return
    const { notes } = open.pending
    const times = this.#timesOf(open)
    let least = Infinity
    for (let row = notes.next(0); row >= 0; row = notes.next(row + 1)) {
      const time = this.#dueOf(open, row)
      times.set(row, time)
      least = Math.min(least, time)
    }
    this.#lower(open.rows.number, least)
  }

  /** What is to be stored, where it is not what was stored last. */
  takeStored(): readonly StoredValue[] {
    const changed = [...this.#dirty]
    this.#dirty.clear()
    return changed.map((partition) => {
      const time = this.#least[partition] ?? Infinity
      return nextDue.stored(partition, Number.isFinite(time) ? time : null)
    })
  }

  /** The lower bound may have passed long ago, and so changed any row. */
  #open(open: OpenPartition): void {
    const { number, rows } = open.rows
    const least = this.#least[number] ?? Infinity
    if (least <= this.#nowMs) {
      for (let row = 0; row < rows; row++) open.pending.notes.touch(row)
      this.#least[number] = Infinity
      this.#dirty.add(number)
    }
    if (this.#segments.length === 0) return
    const times = new RowTimes(
      Float64Array.from({ length: rows }, (_, row) => this.#dueOf(open, row)),
    )
    this.#rows.set(number, times)
    this.#lower(number, times.least)
  }

  #touchDue(open: OpenPartition): void {
    const times = this.#timesOf(open)
    for (const row of times.takeDue(this.#nowMs)) open.pending.notes.touch(row)
    this.#least[open.rows.number] = times.least
    this.#dirty.add(open.rows.number)
  }

  #lower(number: number, time: number): void {
    if (time >= (this.#least[number] ?? Infinity)) return
    this.#least[number] = time
    this.#dirty.add(number)
  }

  #timesOf({ rows: { number } }: OpenPartition): RowTimes {
    const known = this.#rows.get(number) ?? new RowTimes()
    this.#rows.set(number, known)
    return known
  }

  #dueOf(open: OpenPartition, row: number): number {
    const place = { open, row, nowMs: this.#nowMs, events: [] }
    return this.#segments.reduce(
      (due, segment) => Math.min(due, nextDueOf(segment, place)),
      Infinity,
    )
  }
}
