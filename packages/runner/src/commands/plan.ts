import { membershipSizes, planRun } from '../engine/index.ts'
import type { EngineOptions } from '../engine/index.ts'
import { EXIT } from '../process/exit.ts'
import type { ExitCode } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { sendingNothing } from '../process/sending-nothing.ts'
import { openSpace } from '../online/space.ts'
import { viewSpace } from '../online/space-view.ts'
import type { SpaceRow } from '../online/space-view.ts'
import {
  allowOption,
  alsoOption,
  formatOption,
  memoryOption,
  metricsOption,
  resendOption,
  selectOption,
} from '../command-line/options.ts'
import { writeFailedPlan, writePlan } from '../output/report/plan-formats.ts'
import type { AlsoFile } from '../output/report/plan-formats.ts'
import { planFigures, planMetrics } from '../output/report/plan-metrics.ts'
import { REPORT_FORMATS } from '../output/report/formats.ts'
import { createRunProgress } from '../output/report/run-progress.ts'
import { planFileText } from '../plan/plan-file.ts'
import { SampleCollector } from '../plan/samples.ts'
import { planFacts } from '../plan/facts.ts'
import { viewPlan } from '../plan/view.ts'
import { withTelemetry } from '../telemetry/index.ts'
import type { Telling } from '../telemetry/index.ts'
import { baseOptions } from '../workspace/base-options.ts'
import { expectSomebody } from '../workspace/known-users.ts'
import { openWorkspace } from '../workspace/open-workspace.ts'
import { openEnvironment } from '../workspace/environment/open-environment.ts'
import type { Workspace } from '../workspace/open-workspace.ts'
import { selectFrom } from '../workspace/selection/select-from.ts'
import { replaceOutput } from '../workspace/files/replace-output.ts'
import { writeOut } from '../workspace/files/write-out.ts'
import { defineCommand } from '../command-line/command.ts'
import type { GlobalFlags } from '../command-line/command.ts'
import { mappingPlaces } from '../workspace/configuration/mapping-places.ts'
import { engineOptions } from '../workspace/engine-options.ts'
import type { RunFlags } from './run.ts'

const MOST_SAMPLES = 8

type PlanFlags = RunFlags & {
  readonly out?: string
  readonly exitCode?: boolean
  readonly online?: boolean
  readonly also?: readonly AlsoFile[]
  readonly base?: string
  readonly showValues?: boolean
}

/** `plan`: what a run would do, and what it would cost. Sends nothing, changes nothing. */
export const planCommand = defineCommand<PlanFlags>({
  configure(command) {
    command
      .addOption(selectOption())
      .option('--only <user|file>', 'only this user, or those in a file')
      .option('--reread', 'as if every source were read from its beginning')
      .addOption(resendOption('as if attributes and memberships were sent again'))
      .addOption(allowOption('guards a run may pass; a plan file takes them along'))
      .option('--out <file>', 'write a plan for `run --plan`; good for 24 hours')
      .option(
        '--online',
        "ask Segment's Public API how it computes each, and how many members it counts",
      )
      .addOption(alsoOption())
      .option(
        '--base <ref>',
        'tell what changes against the configuration of a git commit from what waits anyway',
      )
      .option(
        '--show-values',
        'print values and identifiers of the users shown, which are personal data: in no file, and for people alone',
      )
      .option('--exit-code', 'exit 6 when there is something to do')
      .addOption(memoryOption())
      .addOption(metricsOption('plan'))
      .addOption(formatOption(REPORT_FORMATS))
  },
  async run(io, flags) {
    try {
      return await sendingNothing(() =>
        withTelemetry(io, 'plan', (telling) => planSyncs(io, flags, telling)),
      )
    } catch (error) {
      await writeFailedPlan(io, flags, error)
      throw error
    }
  },
})

async function planSyncs(
  io: Io,
  flags: GlobalFlags & PlanFlags,
  telling: Telling,
): Promise<ExitCode> {
  const opened = openEnvironment(io, flags)
  const workspace = await openWorkspace(
    opened,
    await selectFrom(opened.config, flags.select, { io, flags, withCases: false }),
    'read',
  )
  const progress = createRunProgress(io)
  try {
    const withValues = flags.showValues === true && flags.format === 'human'
    const collector = new SampleCollector(MOST_SAMPLES, { withValues })
    const options = { ...engineOptions(io, flags, workspace), observe: progress.observe }
    const space = flags.online === true ? await askSpace(io, options, workspace) : []
    const base =
      flags.base === undefined
        ? null
        : await baseOptions(flags.base, { io, flags, opened, workspace, options })
    const plan = await planRun(options, collector, base)
    await expectSomebody(options, plan.report)
    progress.close()
    const found = { samples: collector.samples, space, base: flags.base ?? null }
    const view = viewPlan(plan, planFacts(workspace, found))
    telling.figures(view.environment, planFigures(view))
    const places = mappingPlaces(workspace.config.syncs)
    await writePlan(io, { ...flags, places, whole: withValues ? collector.whole : null }, view)
    if (flags.metrics !== undefined) await replaceOutput(flags.metrics, io.cwd, planMetrics(view))
    if (flags.out !== undefined) {
      const text = planFileText({
        environment: workspace.environment.name,
        created_at: new Date(io.now()).toISOString(),
        options: {
          select: flags.select ?? null,
          reread: flags.reread === true,
          resend: flags.resend ?? false,
          allow: flags.allow ?? [],
        },
        expectation: plan.expectation,
        view,
      })
      await writeOut({ name: flags.out, cwd: io.cwd, isPrivate: true }, text)
    }
    return flags.exitCode === true && view.has_changes ? EXIT.pending : EXIT.done
  } finally {
    progress.close()
    await workspace.close()
  }
}

async function askSpace(
  io: Io,
  options: EngineOptions,
  { environment, syncs }: Workspace,
): Promise<readonly SpaceRow[]> {
  const space = await openSpace(environment, io)
  return viewSpace(syncs, space, { members: await membershipSizes(options), signal: io.signal })
}
