/** Totals of a workspace at one instant. */
export interface Totals {
  readonly users: number
  readonly requests: number
  readonly data_points: number
  readonly drops: number
  /** Members of each cohort, by its id. */
  readonly members: ReadonlyMap<string, number>
}

/** Milliseconds without a request after which the next one begins another run. */
const SILENCE_MS = 10_000

/**
 * What there was before the latest run. A run is requests without ten seconds of silence between
 * them.
 */
export class LastRun {
  before: Totals | null = null
  /** Milliseconds since the epoch. */
  startedAt = 0
  latestAt = 0

  /** Notes a request, before anything of it is counted. */
  note(at: number, totals: () => Totals): void {
    if (this.before === null || at - this.latestAt > SILENCE_MS) {
      this.before = totals()
      this.startedAt = at
    }
    this.latestAt = at
  }
}
