import type { Figures } from './summary.ts'

/** How the figures of runs change with the number of events, as the bench's JSON says it. */
export interface Growth {
  readonly node: string
  /** ISO 8601, the day alone. */
  readonly measured_on: string
  readonly rounds: number
  /**
   * Processes that wanted to run, on average over the last minutes, before the bench and after it.
   */
  readonly load_average: { readonly before: number; readonly after: number }
  /** Fewest events first. */
  readonly sizes: readonly GrowthSize[]
}

/** Medians of one file. */
export interface GrowthSize {
  readonly events: number
  readonly users: number
  /**
   * Values the first load had to send: more events about the same users bring more values, until
   * each has all.
   */
  readonly attributes_sent: number
  readonly subjects: Readonly<Record<string, Figures>>
}

/** How a subject of the largest file compares with that of a smaller one; 1 is the same. */
export interface Step {
  readonly events_per_second: number
  readonly main_cpu_seconds_per_million: number
  readonly peak_mb: number
}

/** How the largest file compares with the smallest that is about as many users, by subject. */
export function stepOf({ sizes }: Growth): Readonly<Record<string, Step>> {
  const largest = sizes[sizes.length - 1]
  const smallest = sizes.find(({ users }) => users === largest.users)!
  return Object.fromEntries(
    Object.keys(largest.subjects).map((name) => [
      name,
      compare(smallest.subjects[name], largest.subjects[name]),
    ]),
  )
}

function compare(smaller: Figures, larger: Figures): Step {
  const ratio = (of: keyof Step) => Number((larger[of] / smaller[of]).toFixed(3))
  return {
    events_per_second: ratio('events_per_second'),
    main_cpu_seconds_per_million: ratio('main_cpu_seconds_per_million'),
    peak_mb: ratio('peak_mb'),
  }
}
