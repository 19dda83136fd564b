import type { NormalisedEnvironment, RunRecord } from '@engage-sync/core'
import { causeOf } from '../process/cause.ts'
import { EXIT, exitCodeOf } from '../process/exit.ts'
import type { ExitCode } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { isSyncError } from '../process/sync-error.ts'
import { openAsFarAsKnown } from '../workspace/environment/open-environment.ts'
import type {
  EnvironmentFlags,
  OpenEnvironment,
} from '../workspace/environment/open-environment.ts'
import { openState } from '../workspace/state/open-state.ts'
import { noteUnbegun, unbegunRuns } from '../workspace/state/unbegun-runs.ts'
import type { UnbegunRun } from '../workspace/state/unbegun-runs.ts'
import { alertAfter } from './alert.ts'
import { endedRun, endedUnbegun } from './ended.ts'
import type { Ended } from './ended.ts'
import { tell } from './tell.ts'

/** How far back a trouble is followed. */
const MOST_RUNS = 50

/**
 * Runs something, and tells those of `notify:` how it ended, if they want to know. What came to no run is kept beside
 * the configuration, so that it is told once, and that it is over.
 *
 * What cannot be told changes nothing: neither what is returned nor what is thrown. A configuration that cannot be read
 * does not say whom to tell.
 */
export async function withAlerts(
  io: Io,
  flags: EnvironmentFlags,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  const startedMs = io.now()
  try {
    const code = await work()
    await tellEnd(io, flags, { startedMs, failure: null })
    return code
  } catch (error) {
    if (isTrouble(error))
      await tellEnd(io, flags, { startedMs, failure: failureOf(error, startedMs, io.now()) })
    throw error
  }
}

/** Whoever stopped it knows, and whoever mistyped it, too; nobody knows of a part of it that was lost. */
function isTrouble(error: unknown): boolean {
  const code = isSyncError(error) ? error.code : null
  if (exitCodeOf(error) === EXIT.interrupted) return code === 'RUN_PART_LOST'
  return code?.startsWith('USAGE_') !== true
}

function failureOf(error: unknown, startedMs: number, endedMs: number): UnbegunRun {
  const status = exitCodeOf(error) === EXIT.guard ? 'stopped' : 'failed'
  return { startedMs, endedMs, status, error: causeOf(error) }
}

/** What is known of an end beside the history. */
interface Known {
  readonly startedMs: number
  /** How it ended where it threw; null where it did not. */
  readonly failure: UnbegunRun | null
}

async function tellEnd(io: Io, flags: EnvironmentFlags, known: Known): Promise<void> {
  try {
    const opened = openAsFarAsKnown(io, flags)
    const { environment, secrets, place } = opened
    const { failure } = known
    const tellAll = async (ended: readonly Ended[]): Promise<void> => {
      await tell(io, secrets, alertsFor(environment, ended))
    }
    if (environment.notify.length === 0 && failure === null) return
    const runs = (await pastRuns(opened)).filter(({ status }) => status !== 'running').map(endedRun)
    const [last, ...earlier] = runs
    const before = unbegunRuns(place).map(endedUnbegun)
    if (last !== undefined && isOf(last, known))
      return await tellAll([last, ...newest(earlier, before)])
    if (failure === null) return
    tryToNote(opened, failure)
    await tellAll([endedUnbegun(failure), ...newest(runs, before)])
  } catch {
    // It ended as it ended; that nobody can be told is no other end.
  }
}

/** The latest first. */
function newest(...ends: readonly (readonly Ended[])[]): readonly Ended[] {
  return ends.flat().sort((one, other) => other.endedMs - one.endedMs)
}

/** Who cannot keep it is told it each time. */
function tryToNote({ place }: OpenEnvironment, failure: UnbegunRun): void {
  try {
    noteUnbegun(place, failure)
  } catch {
    // Nothing may be written beside the configuration.
  }
}

/** Whether a run of the history is what just ended: clocks are as fine as a millisecond. */
function isOf(run: Ended, { startedMs, failure }: Known): boolean {
  if (run.startedMs < startedMs) return false
  return failure === null || run.error?.code === failure.error.code
}

function alertsFor({ notify, name }: NormalisedEnvironment, ended: readonly Ended[]) {
  return notify.flatMap((target) => {
    const alert = alertAfter(target, ended, name)
    return alert === null ? [] : [{ target, alert }]
  })
}

/** The latest runs; none where the state cannot be read. */
async function pastRuns({ environment, place }: OpenEnvironment): Promise<readonly RunRecord[]> {
  try {
    const wanted = { create: 'never', access: 'read', rebind: true } as const
    const store = await openState({ environment, root: place.root, ...wanted })
    try {
      return await store.runs(MOST_RUNS)
    } finally {
      await store.close()
    }
  } catch {
    return []
  }
}
