import type { Json, Report, RunRecord } from '@engage-sync/core'
import type { EngineOptions } from './request/options.ts'

/** What changes in the record of a run from its begin to its end. */
export interface RunProgress {
  readonly number: number
  /** Milliseconds since the epoch. */
  readonly startedMs: number
  readonly status: RunRecord['status']
  readonly report: Report | null
}

/** A run as the history keeps it, by now. */
export function runRecord({ actor, commit, syncs, now }: EngineOptions, run: RunProgress): RunRecord {
  return {
    number: run.number,
    startedAt: new Date(run.startedMs).toISOString(),
    finishedAt: run.status === 'running' ? null : new Date(now()).toISOString(),
    actor,
    commit,
    fingerprint: syncs.map(({ fingerprint }) => fingerprint).join('+'),
    status: run.status,
    report: run.report as unknown as Json,
  }
}
