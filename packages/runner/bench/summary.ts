import type { Measured } from './process.ts'
import { inFlightOf, rateOf } from './traffic.ts'
import type { Traffic } from './traffic.ts'

/** One measured run beside the P of its round, and what it sent. */
export interface Run {
  readonly measured: Measured
  readonly parse: Measured
  readonly traffic: Traffic
}

/** Medians of one subject. Ratios are P ÷ subject, so above 1 is faster than parsing. */
export interface Figures {
  readonly wall_ratio: number
  readonly main_cpu_ratio: number
  readonly wall_seconds: number
  readonly main_cpu_seconds: number
  readonly events_per_second: number
  readonly main_cpu_seconds_per_million: number
  readonly peak_mb: number
  /** HTTP requests, and how many a second while the run lasted, its start and reading included. */
  readonly requests: number
  readonly requests_per_second: number
  /**
   * The same from the first request to the last answer, as the sink saw it, and how many were open
   * then.
   */
  readonly requests_per_second_delivering: number
  readonly requests_in_flight: number
}

/** What a bench measured, as its JSON says it. */
export interface Summary {
  readonly events: number
  readonly users: number
  readonly node: string
  readonly rounds: number
  readonly subjects: Readonly<Record<string, Figures>>
}

/** Medians of all subjects. */
export function summarise(
  runs: ReadonlyMap<string, readonly Run[]>,
  about: { readonly events: number; readonly users: number; readonly node: string },
): Summary {
  const subjects = Object.fromEntries(
    [...runs].map(([name, of]) => [name, figuresOf(of, about.events)]),
  )
  return { ...about, rounds: [...runs.values()][0]?.length ?? 0, subjects }
}

function figuresOf(runs: readonly Run[], events: number): Figures {
  const middle = (of: (run: Run) => number) => round(median(runs.map(of)))
  const whole = (of: (run: Run) => number) => Math.round(median(runs.map(of)))
  return {
    wall_ratio: middle(({ measured, parse }) => parse.wall / measured.wall),
    main_cpu_ratio: middle(({ measured, parse }) => parse.mainCpu / measured.mainCpu),
    wall_seconds: middle(({ measured }) => measured.wall),
    main_cpu_seconds: middle(({ measured }) => measured.mainCpu),
    events_per_second: whole(({ measured }) => events / measured.wall),
    main_cpu_seconds_per_million: middle(({ measured }) => (measured.mainCpu * 1e6) / events),
    peak_mb: whole(({ measured }) => measured.peakMb),
    requests: whole(({ traffic }) => traffic.requests),
    requests_per_second: whole(({ measured, traffic }) => traffic.requests / measured.wall),
    requests_per_second_delivering: whole(({ traffic }) => rateOf(traffic)),
    requests_in_flight: whole(({ traffic }) => inFlightOf(traffic)),
  }
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right)
  return (
    (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2
  )
}

/** The summary as a table for people. */
export function table({ events, users, rounds, node, subjects }: Summary): string {
  const head = [
    '',
    'wall ÷ P',
    'CPU ÷ P',
    'seconds',
    'events/s',
    'requests/s, whole run',
    'delivering',
    'in flight',
    'peak MB',
  ]
  const rows = Object.entries(subjects).map(([name, of]) => [
    name,
    of.wall_ratio.toFixed(2),
    of.main_cpu_ratio.toFixed(2),
    of.wall_seconds.toFixed(2),
    of.events_per_second.toLocaleString('en'),
    of.requests_per_second.toLocaleString('en'),
    of.requests_per_second_delivering.toLocaleString('en'),
    String(of.requests_in_flight),
    String(of.peak_mb),
  ])
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column].length)),
  )
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
      )
      .join('   '),
  )
  return `${lines.join('\n')}\n${events.toLocaleString('en')} events, ${users.toLocaleString('en')} users, median of ${rounds} rounds, Node ${node}\n`
}

function round(value: number): number {
  return Number(value.toFixed(3))
}
