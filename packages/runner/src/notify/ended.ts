import type { Cause, Report, RunRecord } from '@engage-sync/core'
import { endOf, storedReport } from '../output/report/end.ts'
import type { UnbegunRun } from '../workspace/state/unbegun-runs.ts'

/** How a run ended, or a command that never came as far as one. */
export interface Ended {
  /** Null of what has no number: it ended before. */
  readonly number: number | null
  readonly status: RunRecord['status']
  readonly error: Cause | null
  /** What each guard that stopped it found. */
  readonly guards: readonly string[]
  readonly report: Report | null
  /** Milliseconds since the epoch. */
  readonly startedMs: number
  readonly endedMs: number
}

/** A run of the history that is over; of one that was ended from outside, nobody knows when. */
export function endedRun(run: RunRecord): Ended {
  const { error, guards } = endOf(run)
  return {
    number: run.number,
    status: run.status,
    error,
    guards: guards.map(({ message }) => message),
    report: storedReport(run),
    startedMs: Date.parse(run.startedAt),
    endedMs: Date.parse(run.finishedAt ?? run.startedAt),
  }
}

/** A run that the state never came to know. */
export function endedUnbegun(run: UnbegunRun): Ended {
  return { ...run, number: null, guards: [], report: null }
}

/** Whether a run did all it should, but for values that could not be used. */
export function endedWell({ status }: Pick<Ended, 'status'>): boolean {
  return status === 'done' || status === 'partial'
}
