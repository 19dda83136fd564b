import type { UsedSpans } from '../../../state/values/stream-guards.ts'

/** A budget's time is counted in so many spans. */
const SPANS = 60

/** The span a moment is in. @param lastsMs - the budget's time, milliseconds */
export function spanAt(lastsMs: number, nowMs: number): number {
  return Math.floor(nowMs / (lastsMs / SPANS))
}

/**
 * How much was used within a time that ends now, whenever that is: no moment begins it anew.
 *
 * Counted in spans of a sixtieth of the time. A span that is only partly within it counts whole, so
 * that no stretch of that length ever holds more than it says. Bounded, however much is used.
 */
export class RollingBudget {
  readonly #spanMs: number
  readonly #spans: Map<number, number>
  /** The span something was used in last, and what of it is durable. */
  #latest: number
  #durable: number

  /** @param lastsMs - the time, milliseconds */
  constructor(lastsMs: number, spans: UsedSpans = []) {
    this.#spanMs = lastsMs / SPANS
    this.#spans = new Map(spans)
    this.#latest = [...this.#spans.keys()].reduce((most, span) => Math.max(most, span), -Infinity)
    this.#durable = this.#spans.get(this.#latest) ?? 0
  }

  /** @param nowMs - milliseconds since the epoch */
  usedBy(nowMs: number): number {
    this.#forget(this.#spanOf(nowMs))
    return [...this.#spans.values()].reduce((sum, used) => sum + used, 0)
  }

  use(count: number, nowMs: number): void {
    const span = this.#spanOf(nowMs)
    this.#forget(span)
    if (span !== this.#latest) this.#durable = 0
    this.#latest = span
    this.#spans.set(span, (this.#spans.get(span) ?? 0) + count)
  }

  /** Takes back what was used in a span, if that still counts. */
  giveBack(span: number, count: number): void {
    const used = this.#spans.get(span)
    if (used === undefined) return
    if (used > count) this.#spans.set(span, used - count)
    else this.#spans.delete(span)
  }

  /** Nothing was used lately. */
  get isEmpty(): boolean {
    return this.#spans.size === 0
  }

  /** All that was used is durable. */
  get isCovered(): boolean {
    return this.#usedLast <= this.#durable
  }

  /** What is durable is what was used. */
  get isExact(): boolean {
    return this.#usedLast === this.#durable
  }

  /** What is to be durable from now on: what was used, and so much more of the present span. */
  reserve(ahead: number): UsedSpans {
    if (this.isEmpty) return []
    this.#durable = this.#usedLast + ahead
    return [...this.#spans].map(([span, used]) =>
      span === this.#latest ? [span, this.#durable] : [span, used],
    )
  }

  get #usedLast(): number {
    return this.#spans.get(this.#latest) ?? 0
  }

  #spanOf(nowMs: number): number {
    return Math.floor(nowMs / this.#spanMs)
  }

  /** Where the clock was set back, what is dated ahead of it was used just now. */
  #forget(now: number): void {
    let ahead = 0
    for (const [span, used] of this.#spans) {
      if (span >= now - SPANS && span <= now) continue
      this.#spans.delete(span)
      if (span > now) ahead += used
    }
    if (ahead > 0) this.#spans.set(now, (this.#spans.get(now) ?? 0) + ahead)
    if (this.#latest <= now) return
    this.#latest = now
    this.#durable = 0
  }
}
