import type { GlobalFlags } from '../command-line/command.ts'
import { runPart } from '../engine/parts/index.ts'
import { plannedFlags } from '../plan/planned-flags.ts'
import type { PlannableFlags } from '../plan/planned-flags.ts'
import { EXIT, exitCodeOf } from '../process/exit.ts'
import type { ExitCode } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { engineOptions } from '../workspace/engine-options.ts'
import { openEnvironment } from '../workspace/environment/open-environment.ts'
import { selectFrom } from '../workspace/selection/select-from.ts'
import { openForParts } from './open-for-parts.ts'
import type { PartFlag } from './part-flags.ts'

/** How long is waited for the run whose part this is, unless it is said, seconds. */
const WAIT_S = 60

/**
 * Does one part of a run that another process leads, which also reports it.
 *
 * @throws {SyncError} what keeps it from being a part, and what ended one that was started by hand
 */
export async function runOnePart(
  io: Io,
  flags: GlobalFlags & PlannableFlags & { readonly format: string },
  part: PartFlag,
): Promise<ExitCode> {
  const opened = openEnvironment(io, flags)
  const planned = await plannedFlags(io, flags, opened)
  const syncs = await selectFrom(opened.config, planned.select, { io, flags, withCases: false })
  const workspace = await openForParts(opened, syncs)
  try {
    const options = {
      ...engineOptions(io, planned, workspace),
      expect: planned.expect,
      observe: () => undefined,
    }
    // Who leads the run starts its parts once it has called for them.
    const waitMs = part.run === null ? (flags.wait ?? WAIT_S) * 1000 : 0
    const { run, failure } = await runPart(options, { ...part, waitMs })
    // Of those it started itself whoever leads the run tells how they ended.
    if (part.run !== null) return failure === null ? EXIT.done : exitCodeOf(failure)
    if (failure !== null) throw failure
    tell(io, flags, { ...part, run })
    return EXIT.done
  } finally {
    await workspace.close()
  }
}

/** Says that it is done. */
function tell(
  io: Io,
  { format }: { readonly format: string },
  { number, of, run }: PartFlag,
): void {
  const text =
    format === 'json'
      ? JSON.stringify({ version: 1, run, part: number, of, status: 'done' })
      : `Part ${number} of ${of} of run ${run}: done. Whoever leads the run reports it.`
  io.stdout.write(`${text}\n`)
}
