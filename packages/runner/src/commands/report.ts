import { SyncError } from '@engage-sync/core'
import type { RunRecord } from '@engage-sync/core'
import { Argument } from 'commander'
import { EXIT } from '../process/exit.ts'
import { wholeNumber } from '../command-line/options.ts'
import { endOf } from '../output/report/end.ts'
import { renderRunPage } from '../output/report/html/run-page.ts'
import { describeSync } from '../output/syncs/sync-overview.ts'
import { compileContext } from '../workspace/configuration/compile-context.ts'
import { openToRead } from '../workspace/state/open-to-read.ts'
import { openEnvironment } from '../workspace/environment/open-environment.ts'
import { writeOut } from '../workspace/files/write-out.ts'
import { defineCommand } from '../command-line/command.ts'

/** How far back a run is looked for. */
const MOST_RUNS = 10_000

/** `report`: an HTML page of a past run. */
export const reportCommand = defineCommand<{ readonly out?: string }>({
  configure(command) {
    command
      .addArgument(
        new Argument('[run]', 'number of the run; the last finished one without it').argParser(
          wholeNumber,
        ),
      )
      .option('--out <file>', 'write the page here instead of to standard output')
  },
  async run(io, flags, args) {
    const { config, environment, place } = openEnvironment(io, flags)
    const store = await openToRead({ environment, root: place.root }, io)
    try {
      const runs = await store.runs(MOST_RUNS)
      const run = pick(runs, args[0])
      const context = compileContext(config.project?.environment ?? null)
      const page = renderRunPage({
        run,
        environment: environment.name,
        earlier: runs.filter(({ number }) => number < run.number),
        syncs: config.syncs.map((sync) => describeSync(sync, context)),
        maxDataPoints: environment.guards.maxDataPoints,
      })
      if (flags.out === undefined) io.stdout.write(page)
      else {
        await writeOut(flags.out, io.cwd, page)
        io.stdout.write(`Wrote the report of run ${run.number} to ${flags.out}.\n`)
      }
      return EXIT.done
    } finally {
      await store.close()
    }
  },
})

function pick(runs: readonly RunRecord[], wanted: string | undefined): RunRecord {
  const ended = runs.filter(({ status }) => status !== 'running')
  const found =
    wanted === undefined
      ? ended.find(isTold)
      : ended.find(({ number }) => number === Number(wanted))
  if (found !== undefined) return found
  const what =
    wanted === undefined ? 'No run has finished yet' : `There is no finished run ${wanted}`
  throw new SyncError('USAGE_RUN', what, { hint: 'See `engage-sync history` for what there is.' })
}

/** Whether there is something to tell of a run beside its status. */
function isTold(run: RunRecord): boolean {
  return run.report !== null || endOf(run).error !== null
}
