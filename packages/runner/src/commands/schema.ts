import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { FILE_KINDS, schemaOf } from '@engage-sync/core'
import type { FileKind } from '@engage-sync/core'
import { Argument } from 'commander'
import { EXIT } from '../process/exit.ts'
import { renderJson } from '../output/formats/json.ts'
import { defineCommand } from '../command-line/command.ts'

/** `schema`: the JSON Schema that editors complete and check with. */
export const schemaCommand = defineCommand<{ readonly out?: string }>({
  configure(command) {
    command
      .addArgument(new Argument('[kind]', 'which file').choices(FILE_KINDS).default('sync'))
      .option('--out <dir>', 'write one <kind>.json each into a directory instead')
      .addHelpText('after', HELP)
  },
  async run(io, flags, args) {
    if (flags.out !== undefined) {
      await writeAll(resolve(io.cwd, flags.out))
      return EXIT.done
    }
    io.stdout.write(renderJson(schemaOf((args[0] ?? 'sync') as FileKind)))
    return EXIT.done
  },
})

const HELP = `
For completion and checks while you type, begin a file with:
  # yaml-language-server: $schema=<path or URL of sync.json>
`

async function writeAll(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const kind of FILE_KINDS)
    await writeFile(join(directory, `${kind}.json`), renderJson(schemaOf(kind)))
}
