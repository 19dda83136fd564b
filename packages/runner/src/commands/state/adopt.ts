import { Option } from 'commander'
import { ADOPT_HELD, INCREMENTAL, nothingFound, run } from '../../engine/index.ts'
import type { AskOptions, HoldingsFound, Observer, RunResult } from '../../engine/index.ts'
import { EXIT, exitCodeOf } from '../../process/exit.ts'
import type { ExitCode } from '../../process/exit.ts'
import type { Io } from '../../process/io.ts'
import { selectOption } from '../../command-line/options.ts'
import { countOf } from '../../output/text/numbers.ts'
import { printError } from '../../output/diagnostics/error.ts'
import { renderAdoption } from '../../output/inspection/adoption.ts'
import { createRunProgress } from '../../output/report/run-progress.ts'
import { createAdoptingDestination } from '../../adapters/adopting-destination.ts'
import { confirm } from '../../workspace/confirm.ts'
import { exportedList, exportedOptions } from '../../workspace/files/exported-list.ts'
import type { ExportedFlags } from '../../workspace/files/exported-list.ts'
import { openWorkspace } from '../../workspace/open-workspace.ts'
import { openEnvironment } from '../../workspace/environment/open-environment.ts'
import type { Workspace } from '../../workspace/open-workspace.ts'
import { originOf } from '../../workspace/environment/origin.ts'
import { selectFrom } from '../../workspace/selection/select-from.ts'
import { holdingLease } from '../../workspace/state/with-state.ts'
import { borrowing, handOverOption } from '../../serve/borrow.ts'
import type { HandOverFlags } from '../../serve/borrow.ts'
import { defineCommand } from '../../command-line/command.ts'

interface AdoptFlags extends HandOverFlags, ExportedFlags {
  readonly select?: readonly string[]
  readonly yes?: boolean
  readonly fromBraze?: boolean
  readonly byIds?: boolean
}

/** Braze gives 12,500 users a minute where they are asked for one by one: so many take eight. */
const MOST_BY_IDS = 100_000

/** `state adopt`: reads the sources as a run does, and takes what it would send as already sent. */
export const adoptCommand = defineCommand<AdoptFlags>({
  configure(command) {
    const [segment, exported] = exportedOptions()
    const asking = { fromBraze: true }
    command
      .addOption(selectOption())
      .option('--from-braze', 'ask Braze, and take only what it holds as sent')
      .addOption(segment.implies(asking))
      .addOption(exported.implies(asking))
      .addOption(
        new Option('--by-ids', 'ask for more than 100,000 users, 50 at a time').implies(asking),
      )
      .option('--yes', 'do not ask')
      .addOption(handOverOption())
      .addHelpText('after', HELP)
  },
  async run(io, flags) {
    const opened = openEnvironment(io, flags)
    const syncs = await selectFrom(opened.config, flags.select, { io, flags, withCases: false })
    const asked = flags.fromBraze === true
    const names = syncs.map(({ name }) => name).join(', ')
    const what = asked
      ? `What Braze holds already of ${names}`
      : `Whatever a run would send now from ${names}`
    await confirm(
      io,
      `${what} will count as sent to ${opened.environment.name}. Nothing is sent.`,
      flags.yes === true,
    )
    const list = exportedList(flags, io.cwd)
    return await borrowing(io, { ...flags, opened }, async () => {
      const workspace = await openWorkspace(opened, syncs)
      try {
        if (!asked) return await adoptAll(io, workspace)
        const mostUsers = flags.byIds === true ? Infinity : MOST_BY_IDS
        return await adoptHeld(io, workspace, { list, mostUsers })
      } finally {
        await workspace.close()
      }
    })
  },
})

const HELP = `
Use it once, on an empty state, where Braze holds these values already: after a move from the classic destination, or
after a state was lost. By itself it does not look at what Braze holds: \`engage-sync verify\` compares a sample.

With --from-braze it asks, and only what Braze really holds counts as sent: the next plan shows the rest. Braze gives
12,500 users a minute, 50 a request; above 100,000 have a segment of all of them exported, which --segment waits for.
Killed or stopped, it goes on where it was when it is called again.
`

async function adoptAll(io: Io, workspace: Workspace): Promise<ExitCode> {
  const result = await adopt(io, workspace, {
    destination: createAdoptingDestination(),
    kind: INCREMENTAL,
    observe: () => {},
  })
  return conclude(io, result)
}

/** Asks first. What Braze does not hold is no fault, and neither is that it stays to be sent. */
async function adoptHeld(
  io: Io,
  workspace: Workspace,
  how: Omit<AskOptions, 'destination'>,
): Promise<ExitCode> {
  const { destination } = workspace.braze
  let found: HoldingsFound = nothingFound()
  const progress = createRunProgress(io)
  const observe: Observer = (event) => {
    if (event.type === 'asked') found = event.found
    progress.observe(event)
  }
  destination.onWait?.((ms) => observe({ type: 'held', ms }))
  destination.onRetry?.(({ reason, waitMs: ms }) => observe({ type: 'unavailable', reason, ms }))
  const result = await adopt(io, workspace, {
    destination: createAdoptingDestination(destination),
    kind: ADOPT_HELD,
    ask: { ...how, destination },
    observe,
  }).finally(() => progress.close())
  if (result.report.status === 'interrupted') {
    io.stderr.write('Stopped early: what was asked so far counts, and calling it again goes on.\n')
    return EXIT.interrupted
  }
  if (result.failure !== null) return fail(io, result.failure)
  io.stdout.write(renderAdoption(found))
  return result.report.rejected.count > 0 ? EXIT.partial : EXIT.done
}

/** Guards protect Braze, and nothing goes there. */
const NO_GUARDS = {
  maxRemovals: 1,
  minRemovals: Infinity,
  maxAdditions: Infinity,
  maxDataPoints: null,
  emptySource: 'stop',
} as const

type Adopting = Pick<Parameters<typeof run>[0], 'destination' | 'kind' | 'observe' | 'ask'>

async function adopt(io: Io, workspace: Workspace, adopting: Adopting): Promise<RunResult> {
  const { environment, config, syncs, sources, createDecoder, store } = workspace
  const result = await run({
    environment: environment.name,
    syncs,
    sources,
    createDecoder,
    store,
    guards: NO_GUARDS,
    onUnknown: 'skip',
    deadLetterDays: environment.state.deadLetterDays,
    allow: [],
    ...originOf(io.env, config.root),
    now: io.now,
    signal: io.signal,
    ...adopting,
  })
  await holdingLease(store, 'state adopt', (epoch) => noteAdoption(workspace, result, epoch))
  return result
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
  if (failure !== null) return fail(io, failure)
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

function fail(io: Io, failure: unknown): ExitCode {
  printError(failure, io)
  return exitCodeOf(failure)
}
