import type { PutOff } from '../../delivery/index.ts'

/** Budgets of an hour know a change no longer than that; those of a day are safe with less. */
const LASTS_MS = 3_600_000

interface Before {
  readonly count: number
  readonly sinceMs: number
}

/**
 * What was taken off the budgets of guards for changes that did not come about: they are planned
 * again, and cost nothing then. By guard, as `removals=<id>`.
 *
 * In memory alone: a process that starts anew takes it off once more.
 */
export class ChargedBefore {
  readonly #counts = new Map<string, Before>()

  /** Changes that were put off are about to be planned again. */
  add({ guards, dataPoints }: PutOff, nowMs: number): void {
    for (const guard of guards) this.addTo(guard, 1, nowMs)
    this.addTo('data_points', dataPoints, nowMs)
  }

  addTo(guard: string, count: number, nowMs: number): void {
    if (count <= 0) return
    const before = this.of(guard, nowMs)
    const sinceMs = before === 0 ? nowMs : (this.#counts.get(guard)?.sinceMs ?? nowMs)
    this.#counts.set(guard, { count: before + count, sinceMs })
  }

  /** How much of a guard costs nothing now. */
  of(guard: string, nowMs: number): number {
    const before = this.#counts.get(guard)
    if (before !== undefined && Math.abs(nowMs - before.sinceMs) < LASTS_MS) return before.count
    this.#counts.delete(guard)
    return 0
  }

  /** So much of it is planned again, and let pass. */
  take(guard: string, count: number): void {
    const before = this.#counts.get(guard)
    if (before === undefined) return
    if (before.count <= count) this.#counts.delete(guard)
    else this.#counts.set(guard, { ...before, count: before.count - count })
  }

  forget(guard: string): void {
    this.#counts.delete(guard)
  }
}
