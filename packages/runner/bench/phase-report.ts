import { join } from 'node:path'
import { measureProcess } from './process.ts'
import type { Measured } from './process.ts'
import type { BenchProject } from './project.ts'
import type { CallCosts } from './timed-store.ts'

/** One stretch of a run on the main thread. */
export interface Phase {
  /**
   * `opened`: the process started, the configuration read, state and source opened. `read`, with
   * `--decode-apart` alone: the source is at its end, its records are folded. `planned`: everything
   * read, folded, swept and planned. `finished`: delivered and committed. `ended`: position and
   * report committed. `closed`: the destination and the state let go.
   */
  readonly phase: string
  readonly wall_seconds: number
  readonly cpu_seconds: number
}

/** Where the time of one run went. */
export interface PhaseReport {
  readonly phases: readonly Phase[]
  /**
   * Calls of the state by method: `commit` of outcomes, `commit_marks`, `commit_snapshots` and all
   * others.
   */
  readonly state: Readonly<Record<string, CallCosts>>
  /**
   * Opening partitions: reading their rows from the state, and indexing them. Part of `planned`.
   */
  readonly opening: CallCosts
  /**
   * Folding what the other thread had decoded, and opening partitions for it; nothing without
   * `--decode-apart`.
   */
  readonly folding: CallCosts
}

/** Runs a project as the command line would, with its phases noted. */
export async function measurePhases(
  project: BenchProject,
  flags: readonly string[] = [],
): Promise<{ readonly measured: Measured; readonly report: PhaseReport }> {
  const script = join(import.meta.dirname, 'phases.ts')
  const measured = await measureProcess(
    ['--max-old-space-size=4096', script, ...flags],
    project.directory,
  )
  return { measured, report: JSON.parse(measured.stdout) as PhaseReport }
}

/** One phase by its name. */
export function phaseOf({ phases }: PhaseReport, name: string): Phase {
  return phases.find(({ phase }) => phase === name)!
}
