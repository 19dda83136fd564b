import { SyncError } from '@engage-sync/core'
import type { StateStore } from '@engage-sync/core'
import { Option } from 'commander'
import { retryOf, run } from '../engine/index.ts'
import { EXIT } from '../process/exit.ts'
import type { ExitCode } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import {
  allowOption,
  failOnOption,
  formatOption,
  isWholeNumber,
  memoryOption,
  waitOption,
  wholeNumber,
} from '../command-line/options.ts'
import type { FailOn } from '../command-line/options.ts'
import { withFailure } from '../output/report/failure.ts'
import { REPORT_FORMATS } from '../output/report/formats.ts'
import type { ReportFormat } from '../output/report/formats.ts'
import { withAlerts } from '../notify/index.ts'
import { createRunProgress } from '../output/report/run-progress.ts'
import { chosenLetters } from '../state/reading/dead-letters.ts'
import type { LetterChoice } from '../state/reading/dead-letters.ts'
import { withTelemetry } from '../telemetry/index.ts'
import type { Telling } from '../telemetry/index.ts'
import { openWorkspace } from '../workspace/open-workspace.ts'
import { openEnvironment } from '../workspace/environment/open-environment.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { borrowing, handOverOption } from '../serve/borrow.ts'
import type { HandOverFlags } from '../serve/borrow.ts'
import { defineCommand } from '../command-line/command.ts'
import type { GlobalFlags } from '../command-line/command.ts'
import { conclude } from '../output/report/conclude.ts'
import { reportFacts } from '../output/report/report-facts.ts'
import { engineOptions } from '../workspace/engine-options.ts'

interface Flags extends HandOverFlags {
  readonly all?: boolean
  readonly run?: number
  readonly sync?: string
  readonly code?: string
  readonly allow?: readonly string[]
  readonly wait?: number
  readonly memoryBudget?: number
  readonly failOn?: FailOn
  readonly format: ReportFormat
}

/** `retry`: sends dead letters again, respecting what came since. */
export const retryCommand = defineCommand<Flags>({
  configure(command) {
    command
      .argument('[letter...]', 'numbers of dead letters, as `dead-letters` lists them')
      .option('--all', 'every dead letter')
      .addOption(new Option('--run <number>', 'those of this run').argParser(wholeNumber))
      .option('--sync <name>', 'those of this sync')
      .option('--code <code>', 'those with this reason')
      .addOption(
        allowOption(
          'let a guard pass: removals=<id>, additions=<id>, data_points=<n>, rejected=<n>, deletions',
        ),
      )
      .addOption(waitOption('wait this long for a run to end'))
      .addOption(handOverOption())
      .addOption(failOnOption())
      .addOption(memoryOption())
      .addOption(formatOption(REPORT_FORMATS))
      .addHelpText('after', HELP)
  },
  run: (io, flags, args) =>
    withAlerts(io, flags, () =>
      withFailure(io, flags, () =>
        withTelemetry(io, 'retry', (telling) => retryLetters(io, flags, { args, telling })),
      ),
    ),
})

/** Which letters, and who is told. */
interface Asked {
  readonly args: readonly string[]
  readonly telling: Telling
}

async function retryLetters(io: Io, flags: GlobalFlags & Flags, asked: Asked): Promise<ExitCode> {
  const opened = openEnvironment(io, flags)
  return await borrowing(io, { ...flags, opened }, () =>
    retryOpened(io, flags, { ...asked, opened }),
  )
}

async function retryOpened(
  io: Io,
  flags: GlobalFlags & Flags,
  { opened, args, telling }: Asked & { readonly opened: OpenEnvironment },
): Promise<ExitCode> {
  const workspace = await openWorkspace(opened, opened.config.syncs)
  const progress = createRunProgress(io)
  try {
    const letters = choiceOf(flags, args)
    if (!(await isThereAny(workspace.store, letters))) {
      io.stderr.write('There is no such dead letter.\n')
      return EXIT.done
    }
    const result = await run({
      ...engineOptions(io, flags, workspace),
      kind: retryOf(letters),
      observe: (event) => {
        progress.observe(event)
        telling.observe(event)
      },
    })
    telling.reported(result.report)
    progress.close()
    return await conclude(io, { ...flags, ...reportFacts(opened) }, result)
  } finally {
    progress.close()
    await workspace.close()
  }
}

const HELP = `
A value that a newer one has overtaken is dropped. What is refused once more becomes a new dead letter.
What waits (PENDING_USER) is left to the next run, which tries it by itself.
`

function choiceOf(flags: Flags, args: readonly string[]): LetterChoice {
  if (!args.every(isWholeNumber)) {
    throw new SyncError('USAGE_RETRY', 'Expected numbers of dead letters, got something else', {
      hint: 'See `engage-sync dead-letters` for what there is.',
    })
  }
  const ids = new Set(args.map(Number))
  const { all, run, sync, code } = flags
  if (
    ids.size === 0 &&
    all !== true &&
    run === undefined &&
    sync === undefined &&
    code === undefined
  ) {
    throw new SyncError('USAGE_RETRY', 'Say which dead letters to send again', {
      hint: 'Give their numbers, --run, --sync or --code, or --all.',
    })
  }
  return {
    ...(ids.size === 0 ? {} : { ids }),
    ...(run === undefined ? {} : { run }),
    ...(sync === undefined ? {} : { sync }),
    ...(code === undefined ? {} : { code }),
  }
}

async function isThereAny(store: StateStore, choice: LetterChoice): Promise<boolean> {
  for await (const _ of chosenLetters(store, choice)) return true
  return false
}
