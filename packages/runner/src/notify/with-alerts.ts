import type { NormalisedEnvironment, RunRecord } from '@engage-sync/core'
import { causeOf } from '../process/cause.ts'
import { EXIT, exitCodeOf } from '../process/exit.ts'
import type { ExitCode } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { openAsFarAsKnown } from '../workspace/environment/open-environment.ts'
import type {
  EnvironmentFlags,
  OpenEnvironment,
} from '../workspace/environment/open-environment.ts'
import { openState } from '../workspace/state/open-state.ts'
import { alertAfter } from './alert.ts'
import { endedRun } from './ended.ts'
import type { Ended } from './ended.ts'
import { tell } from './tell.ts'

/** How far back a trouble is followed. */
const MOST_RUNS = 50

/** Ends that are nobody's trouble: another run holds the environment, or somebody stopped this one. */
const NOT_TOLD: ReadonlySet<ExitCode> = new Set([EXIT.leaseHeld, EXIT.interrupted])

/**
 * Runs something, and tells those of `notify:` how it ended, if they want to know.
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
    if (!NOT_TOLD.has(exitCodeOf(error)))
      await tellEnd(io, flags, { startedMs, failure: endedBy(error, startedMs, io.now()) })
    throw error
  }
}

function endedBy(error: unknown, startedMs: number, endedMs: number): Ended {
  const status = exitCodeOf(error) === EXIT.guard ? 'stopped' : 'failed'
  const cause = causeOf(error)
  return { number: null, status, error: cause, guards: [], report: null, startedMs, endedMs }
}

/** What is known of an end beside the history. */
interface Known {
  readonly startedMs: number
  /** How it ended where it came to no run; null where it did. */
  readonly failure: Ended | null
}

async function tellEnd(
  io: Io,
  flags: EnvironmentFlags,
  { startedMs, failure }: Known,
): Promise<void> {
  try {
    const opened = openAsFarAsKnown(io, flags)
    const { environment, secrets } = opened
    if (environment.notify.length === 0) return
    const runs = (await pastRuns(opened)).filter(({ status }) => status !== 'running').map(endedRun)
    const [last] = runs
    const isOurs = last !== undefined && isOf(last, { startedMs, failure })
    const ended = isOurs || failure === null ? runs : [failure, ...runs]
    if (!isOurs && failure === null) return
    await tell(io, secrets, alertsFor(environment, ended))
  } catch {
    // It ended as it ended; that nobody can be told is no other end.
  }
}

/** Whether a run of the history is what just ended: clocks are as fine as a millisecond. */
function isOf(run: Ended, { startedMs, failure }: Known): boolean {
  if (run.startedMs !== startedMs) return run.startedMs > startedMs
  return failure === null || run.error?.code === failure.error?.code
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
