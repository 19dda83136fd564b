import { appendFile } from 'node:fs/promises'
import type { Diagnostic, NormalisedSync } from '@engage-sync/core'
import { EXIT } from '../process/exit.ts'
import { formatOption, selectOption } from '../command-line/options.ts'
import { describeSync } from '../output/syncs/sync-overview.ts'
import { isValid, VALIDATION_FORMATS, writeValidation } from '../output/diagnostics/validation.ts'
import type { Validation, ValidationFormat } from '../output/diagnostics/validation.ts'
import { renderConfiguration, renderConfigurationMarkdown } from '../output/plan/configuration.ts'
import { coloursFor } from '../output/text/colours.ts'
import { compareWith } from '../plan/compare-with.ts'
import { readCiJob } from '../process/ci-job.ts'
import type { Io } from '../process/io.ts'
import { programVersion } from '../process/program-version.ts'
import { checkEnvironments } from '../workspace/configuration/check-environments.ts'
import { compileContext } from '../workspace/configuration/compile-context.ts'
import { isError } from '../workspace/configuration/config-files.ts'
import { selectFrom } from '../workspace/selection/select-from.ts'
import { defineCommand } from '../command-line/command.ts'

interface ValidateFlags {
  readonly format: ValidationFormat | 'markdown'
  readonly select?: readonly string[]
  readonly strict?: boolean
  readonly online?: boolean
  readonly base?: string
}

const NOTHING_ONLINE = { diagnostics: [], remarks: new Map<string, readonly string[]>() } as const

/**
 * `validate`: every mistake of the configuration with its place, offline; then each sync at a
 * glance.
 */
export const validateCommand = defineCommand<ValidateFlags>({
  configure(command) {
    command
      .addOption(formatOption([...VALIDATION_FORMATS, 'markdown']))
      .addOption(selectOption())
      .option('--strict', 'warnings fail too')
      .option('--online', 'also ask Segment and Braze; needs the secrets of the environment')
      .option('--base <ref>', 'also tell what it changes against a git commit, old and new')
      .addHelpText('after', HELP)
  },
  async run(io, flags) {
    const config = checkEnvironments({
      configs: flags.configs,
      cwd: io.cwd,
      environment: flags.isEnvDefault ? null : flags.env,
    })
    const offline = config.diagnostics
    const isSound = !offline.some(isError)
    const selected = isSound
      ? await selectFrom(config, flags.select, { io, flags, withCases: true })
      : config.syncs
    const online =
      flags.online === true && isSound
        ? await (
            await import('../online/check-online.ts')
          ).checkOnline({ config, syncs: selected, io })
        : NOTHING_ONLINE
    const concerned =
      flags.select === undefined || !isSound
        ? offline
        : offline.filter(({ path }) => concerns(path, selected))
    const diagnostics: readonly Diagnostic[] = [...concerned, ...online.diagnostics]
    const strict = flags.strict === true
    const context = compileContext(config.project?.environment ?? null)
    const comparison =
      flags.base !== undefined && isSound
        ? compareWith(flags.base, {
            io,
            flags,
            config,
            chosen: flags.select === undefined ? null : selected,
          })
        : null
    await write(io, flags, {
      environments: config.environments,
      files: config.files.map(({ path }) => path),
      diagnostics,
      syncs: isSound ? selected.map((sync) => describeSync(sync, context)) : [],
      remarks: online.remarks,
      strict,
      program: programVersion(),
      comparison,
    })
    return isValid({ diagnostics, strict }) ? EXIT.done : EXIT.usage
  },
})

/** What `--base` found follows what is said without it; GitHub's summary has it, too. */
async function write(io: Io, flags: ValidateFlags, validation: Validation): Promise<void> {
  const { format, base } = flags
  const { diagnostics, comparison } = validation
  const markdown = (): string =>
    renderConfigurationMarkdown({ comparison, diagnostics, job: readCiJob(io.env) })
  if (format === 'markdown') return io.stdout.write(markdown())
  writeValidation(io, format, validation)
  if (base === undefined || (format !== 'human' && format !== 'github')) return
  if (comparison !== null)
    io.stdout.write(`\n${renderConfiguration(comparison, coloursFor(io.stdout, io.env))}`)
  const { GITHUB_STEP_SUMMARY: summary = '' } = io.env
  if (format === 'github' && summary !== '') await appendFile(summary, markdown())
}

const HELP = `
Without --env, every environment of the project is looked at. No network and no secrets are needed, but for --online.
Exit code 2 when there is an error (with --strict: or a warning).
`

/** The project file concerns every sync. */
function concerns(path: string, syncs: readonly NormalisedSync[]): boolean {
  const stem = path.replace(/(\.cases)?\.ya?ml$/, '')
  return (
    /(^|\/)engage-sync$/.test(stem) ||
    syncs.some((sync) => sync.path.replace(/\.ya?ml$/, '') === stem)
  )
}
