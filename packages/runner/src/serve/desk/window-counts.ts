import type { WindowReport } from '../../engine/stream/index.ts'
import { Histogram } from '../front/index.ts'

/** Windows kept for a page, the latest last. */
const MOST_WINDOWS = 60

/** What a server counted of its windows since it started, over all its configurations. */
export class WindowCounts {
  windows = 0
  records = 0
  users = 0
  requests = 0
  readonly took = new Histogram()
  /** From the arrival of a window's oldest record to its commit. */
  readonly endToEnd = new Histogram()
  readonly #recent: WindowReport[] = []

  /** The latest windows, oldest first. */
  get recent(): readonly WindowReport[] {
    return this.#recent
  }

  add(window: WindowReport): void {
    this.windows++
    this.records += window.records
    this.users += window.users
    this.requests += window.requests
    this.took.add(window.ms)
    if (window.oldestMs !== null) this.endToEnd.add(window.startedMs + window.ms - window.oldestMs)
    this.#recent.push(window)
    if (this.#recent.length > MOST_WINDOWS) this.#recent.shift()
  }
}
