import { migrateConfig } from '@engage-sync/core'
import type { MigrationResult } from '@engage-sync/core'
import { EXIT } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { formatOption } from '../command-line/options.ts'
import { coloursFor } from '../output/text/colours.ts'
import { renderDiagnostic } from '../output/diagnostics/human.ts'
import { renderJson } from '../output/formats/json.ts'
import { countOf } from '../output/text/numbers.ts'
import { safeLine } from '../output/text/safe-text.ts'
import { isError, readConfigFiles } from '../workspace/configuration/config-files.ts'
import { replaceFile } from '../workspace/files/replace-file.ts'
import { defineCommand } from '../command-line/command.ts'

interface MigrateFlags {
  readonly check?: boolean
  readonly format: 'human' | 'json'
}

/** `migrate`: rewrites files of older versions of the language, comments kept. */
export const migrateCommand = defineCommand<MigrateFlags>({
  configure(command) {
    command
      .option('--check', 'write nothing; exit 6 when there is something to rewrite')
      .addOption(formatOption(['human', 'json']))
  },
  async run(io, flags) {
    const result = migrateConfig(readConfigFiles(flags.configs, io.cwd))
    const isCheck = flags.check === true
    if (!isCheck) for (const { path, text } of result.migrated) replaceFile(path, text, io.cwd)
    io.stdout.write(
      flags.format === 'json'
        ? renderJson(dataOf(result, isCheck))
        : renderHuman(io, result, isCheck),
    )
    if (result.diagnostics.some(isError)) return EXIT.usage
    return isCheck && result.migrated.length > 0 ? EXIT.pending : EXIT.done
  },
})

function dataOf({ migrated, diagnostics }: MigrationResult, isCheck: boolean): unknown {
  return {
    version: 1,
    written: !isCheck,
    files: migrated.map(({ path, from, changes }) => ({ path, from, changes })),
    left_alone: diagnostics.map(({ path, line, column, code, message }) => ({
      path,
      line,
      column,
      code,
      message,
    })),
  }
}

function renderHuman(io: Io, { migrated, diagnostics }: MigrationResult, isCheck: boolean): string {
  const colours = coloursFor(io.stdout, io.env)
  const files = migrated.map(({ path, from, changes }) =>
    [
      `${colours.green('✓')} ${colours.bold(safeLine(path))}  from version ${from}`,
      ...changes.map((change) => `    ${colours.dim(safeLine(change))}`),
    ].join('\n'),
  )
  const problems = diagnostics.map(
    (diagnostic) => `${renderDiagnostic(diagnostic, { colours, columns: io.stdout.columns })}\n`,
  )
  const done = isCheck
    ? 'would be rewritten; nothing was written'
    : 'rewritten; run `engage-sync validate`, and look at the difference'
  const summary =
    migrated.length === 0
      ? 'All files are of the present version.'
      : `${countOf(migrated.length, 'file')} ${done}.`
  return `${[...problems, ...files, summary].join('\n')}\n`
}
