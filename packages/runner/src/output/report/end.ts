import type { Cause, GuardStop, Report, RunRecord } from '@engage-sync/core'

/** What reports of older versions do not have. */
type Later = 'error' | 'guards' | 'rejected'

/** A run's report as the state keeps it: those of older versions know no cause. Null for a run without one. */
export function storedReport({ report }: Pick<RunRecord, 'report'>): Report | null {
  if (report === null) return null
  const stored = report as unknown as Omit<Report, Later> & Partial<Pick<Report, Later>>
  const { error = null, guards = [], records, values } = stored
  const rejected = stored.rejected ?? { count: records.rejected, of: values.read }
  return { ...stored, error, guards, rejected }
}

/** Why a run ended, and the guards that stopped it, whether it came as far as a report or not. */
export interface EndOfRun {
  readonly error: Cause | null
  readonly guards: readonly GuardStop[]
}

/** How a run of the history ended. */
export function endOf(run: RunRecord): EndOfRun {
  const report = storedReport(run)
  return { error: run.error ?? report?.error ?? null, guards: report?.guards ?? [] }
}

/** The end of a command that has nothing else to report. */
export interface FailedEnd {
  readonly environment: string
  readonly status: 'failed' | 'stopped' | 'interrupted'
  readonly error: Cause
}
