import { acceptCases } from '../cases/accept-cases.ts'
import { holds, runCases } from '../cases/run-cases.ts'
import { EXIT } from '../process/exit.ts'
import { formatOption, selectOption } from '../command-line/options.ts'
import { CASE_FORMATS, writeCaseResults } from '../output/cases/results.ts'
import type { CaseFormat } from '../output/cases/results.ts'
import { readValidConfig } from '../workspace/configuration/config-files.ts'
import { selectFrom } from '../workspace/selection/select-from.ts'
import { defineCommand } from '../command-line/command.ts'

interface TestFlags {
  readonly format: CaseFormat
  readonly select?: readonly string[]
  readonly update?: boolean
  readonly coverage?: boolean
  readonly from?: string
}

/** `test`: runs the cases offline, or drafts new ones from real events. */
export const testCommand = defineCommand<TestFlags>({
  configure(command) {
    command
      .addOption(formatOption(CASE_FORMATS))
      .addOption(selectOption())
      .option('--update', 'write what came into the cases that failed')
      .option('--coverage', 'list what no case touches: mappings, branches, operators')
      .option(
        '--from <file>',
        'print draft cases from real events (- is standard input), personal data replaced',
      )
      .addHelpText('after', HELP)
  },
  async run(io, flags) {
    const environment = flags.isEnvDefault ? {} : { environment: flags.env }
    const config = readValidConfig({ configs: flags.configs, cwd: io.cwd, ...environment })
    const syncs = await selectFrom(config, flags.select, { io, flags, withCases: true })
    if (flags.from !== undefined) {
      const { printDrafts } = await import('../cases/print-drafts.ts')
      return printDrafts(flags.from, { config, syncs, io })
    }
    const startedAt = io.now()
    const outcomes = await runCases(config, syncs, io.now)
    const accepted =
      flags.update === true ? acceptCases(config, outcomes, io.cwd) : new Map<string, number>()
    const seconds = (io.now() - startedAt) / 1000
    writeCaseResults(io, flags.format, {
      syncs: outcomes,
      showCoverage: flags.coverage === true,
      accepted,
      seconds,
    })
    const isGreen = flags.update === true || outcomes.every(({ cases }) => cases.every(holds))
    return isGreen ? EXIT.done : EXIT.partial
  },
})

const HELP = `
Cases stand in <sync>.cases.yaml beside the sync. No network, no secrets, no state.
Exit code 1 when a case failed, 2 when the configuration has errors.
`
