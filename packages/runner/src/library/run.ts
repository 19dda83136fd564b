import type { GuardStop, Report } from '@engage-sync/core'
import { run as runEngine } from '../engine/index.ts'
import type { Observer } from '../engine/index.ts'
import { WORK_OPTIONS } from './project.ts'
import type { WorkOptions } from './project.ts'
import { withProject } from './work.ts'

/** How a project is run. */
export interface RunOptions extends WorkOptions {
  /**
   * How long another run of the environment is waited for, milliseconds. Default 0:
   * `STATE_LEASE_HELD` at once.
   */
  readonly waitMs?: number
  /** Told of every step. Default: nobody. */
  readonly observe?: Observer
}

/** How a run ended. */
export interface RunReport {
  /** Counts, by sync and in all; its `status` says how it ended. */
  readonly report: Report
  /** Guards that stopped it before anything was sent; empty when none did. */
  readonly guards: readonly GuardStop[]
  /** What ended it early, after all that could be kept was committed; null when nothing did. */
  readonly error: Error | null
}

/**
 * Reads, plans, guards, delivers and commits, as `engage-sync run` does, in this process. Nothing
 * is printed, and the process is never ended.
 *
 * @throws {SyncError} before anything is sent: `USAGE_OPTION`, `CONFIG_…`, `SECRET_…`, `STATE_…`,
 *   `SOURCE_…`
 */
export function run(options: RunOptions): Promise<RunReport> {
  const needs = { known: [...WORK_OPTIONS, 'waitMs', 'observe'], access: 'write' } as const
  return withProject(options, needs, async ({ engine }) => {
    const { report, stops, failure } = await runEngine(engine)
    return { report, guards: stops, error: failure === null ? null : asError(failure) }
  })
}

function asError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error('The run failed', { cause: failure })
}
