import type { PutOff } from '../../delivery/index.ts'
import type { DeliveredSum } from '../../run-counters.ts'
import type { Charge } from './charge.ts'

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

  /**
   * Changes that were put off are about to be planned again.
   *
   * @param isFree - whether nothing was taken off for a guard
   */
  addAll(changes: readonly PutOff[], nowMs: number, isFree: (guard: string) => boolean): void {
    for (const { guards, dataPoints } of changes) {
      for (const guard of guards) if (!isFree(guard)) this.addTo(guard, 1, nowMs)
      this.addTo('data_points', dataPoints, nowMs)
    }
  }

  /** Of what was let pass, so much came about. */
  addLeft(
    charges: readonly Charge[],
    { mappings, mostDataPoints }: DeliveredSum,
    nowMs: number,
  ): void {
    for (const { key, count } of charges) {
      const [guard = '', id = ''] = key.split('=', 2)
      const done = mappings.get(id)
      if (guard === 'data_points') this.addTo(key, count - mostDataPoints, nowMs)
      if (guard === 'removals') this.addTo(key, count - (done?.removals ?? 0), nowMs)
      if (guard === 'additions') this.addTo(key, count - (done?.additions ?? 0), nowMs)
    }
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
