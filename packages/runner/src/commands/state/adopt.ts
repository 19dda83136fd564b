import { INCREMENTAL, run } from '../../engine/index.ts'
import type { RunResult } from '../../engine/index.ts'
import { EXIT, exitCodeOf } from '../../process/exit.ts'
import type { ExitCode } from '../../process/exit.ts'
import type { Io } from '../../process/io.ts'
import { selectOption } from '../../command-line/options.ts'
import { countOf } from '../../output/text/numbers.ts'
import { printError } from '../../output/diagnostics/error.ts'
import { createAdoptingDestination } from '../../adapters/adopting-destination.ts'
import { confirm } from '../../workspace/confirm.ts'
import { openWorkspace } from '../../workspace/open-workspace.ts'
import { openEnvironment } from '../../workspace/environment/open-environment.ts'
import type { Workspace } from '../../workspace/open-workspace.ts'
import { originOf } from '../../workspace/environment/origin.ts'
import { selectFrom } from '../../workspace/selection/select-from.ts'
import { holdingLease } from '../../workspace/state/with-state.ts'
import { borrowing, handOverOption } from '../../serve/borrow.ts'
import type { HandOverFlags } from '../../serve/borrow.ts'
import { defineCommand } from '../../command-line/command.ts'

interface AdoptFlags extends HandOverFlags {
  readonly select?: readonly string[]
  readonly yes?: boolean
}

/** `state adopt`: reads the sources as a run does, and takes what it would send as already sent. */
export const adoptCommand = defineCommand<AdoptFlags>({
  configure(command) {
    command
      .addOption(selectOption())
      .option('--yes', 'do not ask')
      .addOption(handOverOption())
      .addHelpText('after', HELP)
  },
  async run(io, flags) {
    const opened = openEnvironment(io, flags)
    const syncs = await selectFrom(opened.config, flags.select, { io, flags, withCases: false })
    await confirm(
      io,
      `Whatever a run would send now from ${syncs.map(({ name }) => name).join(', ')} will count as sent to ${opened.environment.name}. Nothing is sent.`,
      flags.yes === true,
    )
    return await borrowing(io, { ...flags, opened }, async () => {
      const workspace = await openWorkspace(opened, syncs)
      try {
        const result = await adopt(io, workspace)
        await holdingLease(workspace.store, 'state adopt', (epoch) =>
          noteAdoption(workspace, result, epoch),
        )
        return conclude(io, result)
      } finally {
        await workspace.close()
      }
    })
  },
})

const HELP = `
Use it once, on an empty state, where Braze holds these values already: after a move from the classic destination, or
after a state was lost. What Braze holds is not looked at: \`engage-sync verify\` compares a sample.
`

/** Guards protect Braze, and nothing goes there. */
const NO_GUARDS = {
  maxRemovals: 1,
  minRemovals: Infinity,
  maxAdditions: Infinity,
  maxDataPoints: null,
  emptySource: 'stop',
} as const

function adopt(io: Io, workspace: Workspace): Promise<RunResult> {
  const { environment, config, syncs, sources, createDecoder, store } = workspace
  return run({
    environment: environment.name,
    syncs,
    sources,
    createDecoder,
    store,
    destination: createAdoptingDestination(),
    guards: NO_GUARDS,
    onUnknown: 'skip',
    deadLetterDays: environment.state.deadLetterDays,
    allow: [],
    kind: INCREMENTAL,
    ...originOf(io.env, config.root),
    now: io.now,
    observe: () => {},
    signal: io.signal,
  })
}

/** Its run must not look like one that sent something: it keeps its place in the history, without a report. */
async function noteAdoption(
  { store }: Workspace,
  { report }: RunResult,
  epoch: number,
): Promise<void> {
  const run = (await store.runs(1)).find(({ number }) => number === report.run)
  if (run !== undefined)
    await store.commit({
      epoch,
      run: {
        ...run,
        actor: `${run.actor ?? 'unknown'} (state adopt)`,
        report: null,
        error: report.error,
      },
    })
}

function conclude(io: Io, { report, summary, failure }: RunResult): ExitCode {
  if (failure !== null) {
    printError(failure, io)
    return exitCodeOf(failure)
  }
  const taken = [
    countOf(summary.attributes, 'attribute'),
    countOf(summary.events, 'event'),
    countOf(summary.cohortAdds + summary.cohortRemovals, 'membership'),
  ]
  io.stdout.write(
    `Took ${taken.join(', ')} of ${countOf(summary.users.changed, 'user')} as already sent. Nothing was sent.\n`,
  )
  if (report.status === 'interrupted') return EXIT.interrupted
  return report.status === 'partial' ? EXIT.partial : EXIT.done
}
