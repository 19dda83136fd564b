import { membershipSizes, run } from '../engine/index.ts'
import type { EngineEvent, EngineOptions } from '../engine/index.ts'
import type { ExitCode } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { openSpace } from '../online/space.ts'
import { viewSpace } from '../online/space-view.ts'
import {
  allowOption,
  failOnOption,
  formatOption,
  memoryOption,
  metricsOption,
  resendOption,
  selectOption,
  waitOption,
} from '../command-line/options.ts'
import type { FailOn } from '../command-line/options.ts'
import { coloursFor } from '../output/text/colours.ts'
import { conclude } from '../output/report/conclude.ts'
import { reportFacts } from '../output/report/report-facts.ts'
import { withFailure } from '../output/report/failure.ts'
import { withMetrics } from '../output/report/with-metrics.ts'
import type { WriteMetrics } from '../output/report/with-metrics.ts'
import { REPORT_FORMATS } from '../output/report/formats.ts'
import type { ReportFormat } from '../output/report/formats.ts'
import { spaceLines } from '../output/plan/space-lines.ts'
import { createRunProgress } from '../output/report/run-progress.ts'
import { withAlerts } from '../notify/index.ts'
import { withTelemetry } from '../telemetry/index.ts'
import type { Telling } from '../telemetry/index.ts'
import { plannedFlags } from '../plan/planned-flags.ts'
import type { PlannedFlags } from '../plan/planned-flags.ts'
import { engineOptions } from '../workspace/engine-options.ts'
import type { EngineFlags } from '../workspace/engine-options.ts'
import { expectSomebody } from '../workspace/known-users.ts'
import { openWorkspace } from '../workspace/open-workspace.ts'
import { runInParts } from '../engine/parts/index.ts'
import type { LedResult } from '../engine/parts/index.ts'
import { openEnvironment } from '../workspace/environment/open-environment.ts'
import type { Workspace } from '../workspace/open-workspace.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { selectFrom } from '../workspace/selection/select-from.ts'
import { ChildCrew } from '../parts/child-crew.ts'
import { partLine, partsOptions, refuseTogether } from '../parts/part-flags.ts'
import type { PartFlag, PartsFlags } from '../parts/part-flags.ts'
import { openForParts } from '../parts/open-for-parts.ts'
import { runOnePart } from '../parts/run-one-part.ts'
import { borrowing, handOverOption } from '../serve/borrow.ts'
import type { HandOverFlags } from '../serve/borrow.ts'
import { defineCommand } from '../command-line/command.ts'
import type { GlobalFlags } from '../command-line/command.ts'

/** What decides how a run works, from the command line. */
export interface RunFlags extends EngineFlags, HandOverFlags, PartsFlags {
  readonly select?: readonly string[]
  readonly plan?: string
  readonly online?: boolean
  readonly failOn?: FailOn
  readonly metrics?: string
  readonly format: ReportFormat
}

/** `run`: reads, plans, guards, delivers, commits. */
export const runCommand = defineCommand<RunFlags>({
  configure(command) {
    command
      .addOption(selectOption())
      .option('--only <user|file>', 'only this user, or those in a file; positions stay')
      .option('--reread', 'read every source from its beginning (sends only what changed)')
      .addOption(resendOption('send attributes and memberships again though nothing changed'))
      .option('--plan <file>', 'do exactly what this plan says, or nothing')
      .option('--online', "after the run, put Segment's audience sizes beside Braze's")
      .addOption(
        allowOption(
          'let a guard pass: removals=<id>, additions=<id>, data_points=<n>, rejected=<n>, deletions, empty_source',
        ),
      )
      .addOption(waitOption('wait this long for another run to end'))
      .addOption(handOverOption())
      .addOption(failOnOption())
      .addOption(memoryOption())
      .addOption(metricsOption('run'))
      .addOption(formatOption(REPORT_FORMATS))
    for (const option of partsOptions()) command.addOption(option)
  },
  run: (io, flags) =>
    flags.part === undefined ? runAll(io, flags) : runPart(io, flags, flags.part),
})

function runAll(io: Io, flags: GlobalFlags & RunFlags): Promise<ExitCode> {
  return withAlerts(io, flags, () =>
    withFailure(io, flags, () =>
      withMetrics(io, flags, (writeMetrics) =>
        withTelemetry(io, 'run', (telling) => runSyncs(io, flags, { writeMetrics, telling })),
      ),
    ),
  )
}

/** A part is told of by whoever leads its run; here, only how it ended. */
function runPart(io: Io, flags: GlobalFlags & RunFlags, part: PartFlag): Promise<ExitCode> {
  return withFailure(io, flags, async () => {
    refuseTogether(flags)
    return await runOnePart(io, flags, part)
  })
}

/** Who gets the figures of a run. */
interface Figures {
  readonly writeMetrics: WriteMetrics
  readonly telling: Telling
}

async function runSyncs(
  io: Io,
  flags: GlobalFlags & RunFlags,
  figures: Figures,
): Promise<ExitCode> {
  refuseTogether(flags)
  const opened = openEnvironment(io, flags)
  const planned = await plannedFlags(io, flags, opened)
  return await borrowing(io, { ...flags, opened }, () =>
    runOpened(io, planned, { opened, flags, ...figures }),
  )
}

interface Opened extends Figures {
  readonly opened: OpenEnvironment
  /** As they were given, without what a plan says in their place. */
  readonly flags: GlobalFlags & RunFlags
}

async function runOpened(
  io: Io,
  planned: PlannedFlags<GlobalFlags & RunFlags>,
  { opened, flags, writeMetrics, telling }: Opened,
): Promise<ExitCode> {
  const syncs = await selectFrom(opened.config, planned.select, { io, flags, withCases: false })
  const workspace = await (flags.workers === undefined ? openWorkspace : openForParts)(
    opened,
    syncs,
  )
  const progress = createRunProgress(io)
  try {
    const options = {
      ...engineOptions(io, planned, workspace),
      expect: planned.expect,
      observe: (event: EngineEvent) => {
        progress.observe(event)
        telling.observe(event)
      },
    }
    const result = await runFor(io, flags, options)
    telling.reported(result.report)
    await writeMetrics(result.report)
    await expectSomebody(options, result.report)
    progress.close()
    const code = await conclude(io, { ...flags, ...reportFacts(opened) }, result)
    if (flags.online === true && flags.format !== 'json') await writeSizes(io, options, workspace)
    return code
  } finally {
    progress.close()
    await workspace.close()
  }
}

/** Does it here, or leads those that do. */
function runFor(io: Io, flags: GlobalFlags & RunFlags, options: EngineOptions): Promise<LedResult> {
  const { workers: of } = flags
  if (of === undefined) return run(options)
  const { start: here = of } = flags
  const argvOf = (part: { readonly number: number; readonly run: number }) =>
    partLine(flags, { ...part, of })
  return runInParts(options, new ChildCrew(io, { of, here, argvOf }))
}

async function writeSizes(
  io: Io,
  options: EngineOptions,
  { environment, syncs }: Workspace,
): Promise<void> {
  const members = await membershipSizes(options)
  const rows = await viewSpace(syncs, await openSpace(environment, io), {
    members,
    signal: io.signal,
  })
  const lines = spaceLines(
    rows.filter(({ size }) => size !== null),
    coloursFor(io.stdout, io.env),
  )
  io.stdout.write(`\n${lines.join('\n')}\n`)
}
