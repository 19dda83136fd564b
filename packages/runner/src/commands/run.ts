import { resolve } from 'node:path'
import { SyncError } from '@engage-sync/core'
import { membershipSizes, run } from '../engine/index.ts'
import type { EngineEvent, EngineOptions, PlanDigest } from '../engine/index.ts'
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
import { readPlanFile } from '../plan/plan-file.ts'
import { engineOptions } from '../workspace/engine-options.ts'
import type { EngineFlags } from '../workspace/engine-options.ts'
import { expectSomebody } from '../workspace/known-users.ts'
import { openWorkspace } from '../workspace/open-workspace.ts'
import { openEnvironment } from '../workspace/environment/open-environment.ts'
import type { Workspace } from '../workspace/open-workspace.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { selectFrom } from '../workspace/selection/select-from.ts'
import { borrowing, handOverOption } from '../serve/borrow.ts'
import type { HandOverFlags } from '../serve/borrow.ts'
import { defineCommand } from '../command-line/command.ts'
import type { GlobalFlags } from '../command-line/command.ts'

/** What decides how a run works, from the command line. */
export interface RunFlags extends EngineFlags, HandOverFlags {
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
  },
  run: (io, flags) =>
    withAlerts(io, flags, () =>
      withFailure(io, flags, () =>
        withMetrics(io, flags, (writeMetrics) =>
          withTelemetry(io, 'run', (telling) => runSyncs(io, flags, { writeMetrics, telling })),
        ),
      ),
    ),
})

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
  planned: PlannedFlags,
  { opened, flags, writeMetrics, telling }: Opened,
): Promise<ExitCode> {
  const workspace = await openWorkspace(
    opened,
    await selectFrom(opened.config, planned.select, { io, flags, withCases: false }),
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
    const result = await run(options)
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

type PlannedFlags = GlobalFlags & RunFlags & { readonly expect: PlanDigest | null }

/** The flags with what the plan file says in their place. */
async function plannedFlags(
  io: Io,
  flags: GlobalFlags & RunFlags,
  { environment }: OpenEnvironment,
): Promise<PlannedFlags> {
  if (flags.plan === undefined) return { ...flags, expect: null }
  if (
    flags.select !== undefined ||
    flags.reread === true ||
    flags.resend !== undefined ||
    flags.only !== undefined
  ) {
    throw new SyncError('USAGE_PLAN', 'A plan decides by itself what is run', {
      hint: 'Leave out --select, --only, --reread and --resend.',
    })
  }
  const { options, expectation } = await readPlanFile(resolve(io.cwd, flags.plan), {
    environment: environment.name,
    nowMs: io.now(),
  })
  const { select, reread, resend, allow = [] } = options
  const allowed = [...allow, ...(flags.allow ?? [])]
  return {
    ...flags,
    ...(select !== null && { select }),
    reread,
    resend,
    allow: allowed,
    expect: expectation,
  }
}
