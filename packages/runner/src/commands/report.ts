import { resolve } from 'node:path'
import { SyncError } from '@engage-sync/core'
import type { RunRecord } from '@engage-sync/core'
import { Argument } from 'commander'
import { EXIT } from '../process/exit.ts'
import { wholeNumber } from '../command-line/options.ts'
import { endOf } from '../output/report/end.ts'
import { renderIndexPage } from '../output/report/html/index-page.ts'
import { renderPlanPage } from '../output/report/html/plan-page.ts'
import { renderRunPage } from '../output/report/html/run-page.ts'
import { describeSync } from '../output/syncs/sync-overview.ts'
import { compileContext } from '../workspace/configuration/compile-context.ts'
import { unbegunRuns } from '../workspace/state/unbegun-runs.ts'
import { openToRead } from '../workspace/state/open-to-read.ts'
import { openEnvironment } from '../workspace/environment/open-environment.ts'
import { writeOut } from '../workspace/files/write-out.ts'
import { countOf } from '../output/text/numbers.ts'
import { readPlanView } from '../plan/plan-file.ts'
import type { Io } from '../process/io.ts'
import { defineCommand } from '../command-line/command.ts'
import type { GlobalFlags } from '../command-line/command.ts'

/** How far back a run is looked for. */
const MOST_RUNS = 10_000

interface ReportFlags {
  readonly out?: string
  readonly all?: boolean
  readonly plan?: string
}

/** `report`: an HTML page of a past run, of all runs, or of a plan. */
export const reportCommand = defineCommand<ReportFlags>({
  configure(command) {
    command
      .addArgument(
        new Argument('[run]', 'number of the run; the last finished one without it').argParser(
          wholeNumber,
        ),
      )
      .option('--all', 'all runs: trends, members over time, a line each')
      .option('--plan <file>', 'what a plan says: a file of `plan --out` or `plan --format json`')
      .option('--out <file>', 'write the page here instead of to standard output')
  },
  async run(io, flags, args) {
    refuseBoth(flags, args[0])
    const { page, what } =
      flags.plan === undefined
        ? await runPage(io, flags, args[0])
        : {
            page: renderPlanPage(await readPlanView(resolve(io.cwd, flags.plan))),
            what: `the page of ${flags.plan}`,
          }
    if (flags.out === undefined) io.stdout.write(page)
    else {
      await writeOut({ name: flags.out, cwd: io.cwd }, page)
      io.stdout.write(`Wrote ${what} to ${flags.out}.\n`)
    }
    return EXIT.done
  },
})

function refuseBoth({ all, plan }: ReportFlags, run: string | undefined): void {
  const asked = [run, all === true ? '--all' : undefined, plan].filter((one) => one !== undefined)
  if (asked.length < 2) return
  throw new SyncError('USAGE_REPORT', 'A page is of one thing: a run, all runs or a plan', {
    hint: 'Leave out all but one of RUN, --all and --plan.',
  })
}

/** The page of one run, or of all of them. */
async function runPage(
  io: Io,
  flags: GlobalFlags & ReportFlags,
  wanted: string | undefined,
): Promise<{ readonly page: string; readonly what: string }> {
  const { config, environment, place } = openEnvironment(io, flags)
  const context = compileContext(config.project?.environment ?? null)
  const syncs = config.syncs.map((sync) => describeSync(sync, context))
  const store = await openToRead({ environment, root: place.root }, io)
  try {
    const runs = await store.runs(MOST_RUNS)
    if (flags.all === true) {
      const ended = runs.filter(({ status }) => status !== 'running')
      if (ended.length === 0) throw noRun(undefined)
      const page = renderIndexPage({
        environment: environment.name,
        runs: ended,
        unbegun: unbegunRuns(place),
        syncs,
      })
      return { page, what: `the page of ${countOf(ended.length, 'run')}` }
    }
    const run = pick(runs, wanted)
    const page = renderRunPage({
      run,
      environment: environment.name,
      earlier: runs.filter(({ number }) => number < run.number),
      syncs,
      maxDataPoints: environment.guards.maxDataPoints,
    })
    return { page, what: `the report of run ${run.number}` }
  } finally {
    await store.close()
  }
}

function pick(runs: readonly RunRecord[], wanted: string | undefined): RunRecord {
  const ended = runs.filter(({ status }) => status !== 'running')
  const found =
    wanted === undefined
      ? ended.find(isTold)
      : ended.find(({ number }) => number === Number(wanted))
  if (found !== undefined) return found
  throw noRun(wanted)
}

function noRun(wanted: string | undefined): SyncError {
  const what =
    wanted === undefined ? 'No run has finished yet' : `There is no finished run ${wanted}`
  return new SyncError('USAGE_RUN', what, { hint: 'See `engage-sync history` for what there is.' })
}

/** Whether there is something to tell of a run beside its status. */
function isTold(run: RunRecord): boolean {
  return run.report !== null || endOf(run).error !== null
}
