import { resolve } from 'node:path'
import { SyncError } from '@engage-sync/core'
import type { CompiledSync, NormalisedSync } from '@engage-sync/core'
import { membershipSizes, Run } from '../engine/index.ts'
import type { EngineOptions, PlanExpectation, RunResult } from '../engine/index.ts'
import { EXIT, exitCodeOf } from '../exit.ts'
import type { ExitCode } from '../exit.ts'
import type { Io } from '../io.ts'
import { openSpace } from '../online/space.ts'
import { viewSpace } from '../online/space-view.ts'
import { allowOption, formatOption, memoryOption, selectOption, waitOption } from '../options.ts'
import { coloursFor } from '../output/colours.ts'
import { printError } from '../output/error.ts'
import { renderGuards } from '../output/guard-lines.ts'
import { writeReport, REPORT_FORMATS } from '../output/report-formats.ts'
import type { ReportFormat } from '../output/report-formats.ts'
import { spaceLines } from '../output/space-lines.ts'
import { createRunProgress } from '../output/run-progress.ts'
import { readPlanFile } from '../plan/plan-file.ts'
import { readOnlyUsers } from '../workspace/only-users.ts'
import { openEnvironment, openWorkspace } from '../workspace/open-workspace.ts'
import type { OpenEnvironment, Workspace } from '../workspace/open-workspace.ts'
import { originOf } from '../workspace/origin.ts'
import { selectFrom } from '../workspace/select-from.ts'
import { defineCommand } from './command.ts'
import type { GlobalFlags } from './command.ts'

/** What decides how a run works, from the command line. */
export interface RunFlags {
  readonly select?: readonly string[]
  readonly only?: string
  readonly reread?: boolean
  readonly resend?: boolean
  readonly allow?: readonly string[]
  /** Seconds. */
  readonly wait?: number
  /** Bytes. */
  readonly memoryBudget?: number
  readonly plan?: string
  readonly online?: boolean
  readonly format: ReportFormat
}

/** `run`: reads, plans, guards, delivers, commits. */
export const runCommand = defineCommand<RunFlags>({
  configure(command) {
    command
      .addOption(selectOption())
      .option('--only <user|file>', 'only this user, or those in a file; positions stay')
      .option('--reread', 'read every source from its beginning (sends only what changed)')
      .option('--resend', 'send attributes and memberships again though nothing changed')
      .option('--plan <file>', 'do exactly what this plan says, or nothing')
      .option('--online', "after the run, put Segment's audience sizes beside Braze's")
      .addOption(allowOption('let a guard pass: removals=<id>, additions=<id>, data_points=<n>, deletions, empty_source'))
      .addOption(waitOption('wait this long for another run to end'))
      .addOption(memoryOption())
      .addOption(formatOption(REPORT_FORMATS))
  },
  async run(io, flags) {
    const opened = openEnvironment(io, flags)
    const planned = await plannedFlags(io, flags, opened)
    const workspace = await openWorkspace(opened, await selectFrom(opened.config, planned.select, { io, flags, withCases: false }))
    const progress = createRunProgress(io)
    try {
      const options = { ...engineOptions(io, planned, workspace), expect: planned.expect, observe: progress.observe }
      const result = await new Run(options).execute()
      progress.close()
      const code = await conclude(io, flags.format, result)
      if (flags.online === true && flags.format !== 'json') await writeSizes(io, options, workspace)
      return code
    } finally {
      progress.close()
      await workspace.close()
    }
  },
})

async function writeSizes(io: Io, options: EngineOptions, { environment, syncs }: Workspace): Promise<void> {
  const members = await membershipSizes(options)
  const rows = await viewSpace(syncs, await openSpace(environment, io), { members, signal: io.signal })
  const lines = spaceLines(
    rows.filter(({ size }) => size !== null),
    coloursFor(io.stdout, io.env),
  )
  io.stdout.write(`\n${lines.join('\n')}\n`)
}

type PlannedFlags = GlobalFlags & RunFlags & { readonly expect: PlanExpectation | null }

/** The flags with what the plan file says in their place. */
async function plannedFlags(io: Io, flags: GlobalFlags & RunFlags, { environment }: OpenEnvironment): Promise<PlannedFlags> {
  if (flags.plan === undefined) return { ...flags, expect: null }
  if (flags.select !== undefined || flags.reread === true || flags.resend === true || flags.only !== undefined) {
    throw new SyncError('USAGE_PLAN', 'A plan decides by itself what is run', {
      hint: 'Leave out --select, --only, --reread and --resend.',
    })
  }
  const { options, expectation } = await readPlanFile(resolve(io.cwd, flags.plan), { environment: environment.name, nowMs: io.now() })
  const { select, reread, resend } = options
  return { ...flags, ...(select !== null && { select }), reread, resend, expect: expectation }
}

/** The engine's options for a workspace and a command line, without an observer. */
export function engineOptions(io: Io, flags: GlobalFlags & Omit<RunFlags, 'format'>, workspace: Workspace): Omit<EngineOptions, 'observe'> {
  const { environment, config, syncs, sources, createDecoder, decodeAhead, store, braze } = workspace
  return {
    environment: environment.name,
    syncs,
    sources,
    createDecoder,
    decodeAhead,
    destination: braze.destination,
    store,
    guards: environment.guards,
    onUnknown: environment.onUnknown,
    deadLetterDays: environment.state.deadLetterDays,
    keepValues: environment.state.keepValues,
    allow: flags.allow ?? [],
    leftOut: othersOf(config.syncs, syncs),
    reread: flags.reread === true,
    resend: flags.resend === true,
    onlyUsers: readOnlyUsers(flags.only, io.cwd),
    ...originOf(io.env, config.root),
    now: io.now,
    signal: io.signal,
    waitForLeaseMs: (flags.wait ?? 0) * 1000,
    memoryBudgetBytes: flags.memoryBudget,
    onDelete: new Map(config.syncs.map(({ name, onDelete }) => [name, onDelete ?? environment.onDelete])),
  }
}

/** Writes how a run ended; returns its exit code. */
export async function conclude(io: Io, format: ReportFormat, { report, stops, failure }: RunResult): Promise<ExitCode> {
  await writeReport(io, format, report)
  if (stops.length > 0) io.stderr.write(renderGuards(stops, coloursFor(io.stderr, io.env)))
  if (report.status === 'interrupted') return EXIT.interrupted
  if (failure !== null) {
    printError(failure, io)
    return exitCodeOf(failure)
  }
  if (stops.length > 0) return EXIT.guard
  return report.status === 'partial' ? EXIT.partial : EXIT.done
}

/** Enabled syncs that are not among those chosen. */
function othersOf(all: readonly NormalisedSync[], chosen: readonly CompiledSync[]): NonNullable<EngineOptions['leftOut']> {
  const names = new Set(chosen.map(({ name }) => name))
  return all.flatMap(({ name, enabled, source }) => (enabled && !names.has(name) ? [{ name, source: source.name }] : []))
}
