import { existsSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { SyncError } from '@engage-sync/core'
import { EXIT } from '../process/exit.ts'
import { syncFromSpace } from '../init/from-space.ts'
import { sampleEvents } from '../init/sample-events.ts'
import { exampleFiles, projectFile, workflowFile, WORKFLOW_PATH } from '../init/scaffold.ts'
import type { ScaffoldFile } from '../init/scaffold.ts'
import { ignoreState, writeNewFiles } from '../init/write-files.ts'
import type { Io } from '../process/io.ts'
import { coloursFor } from '../output/text/colours.ts'
import { alignRows } from '../output/text/table.ts'
import { defineCommand } from '../command-line/command.ts'
import type { GlobalFlags } from '../command-line/command.ts'

interface InitFlags {
  readonly fromSpace?: boolean
  readonly name: string
  readonly destination?: readonly string[]
}

/** `init`: a project that runs as it is, or a sync from what a Segment space computes. */
export const initCommand = defineCommand<InitFlags>({
  configure(command) {
    command
      .option(
        '--from-space',
        'write a sync with all traits and audiences of the Segment space of --env',
      )
      .option('--name <sync>', 'name of that sync', 'engage')
      .option(
        '--destination <id...>',
        'Braze destinations in Segment, whose mappings tell what is sent today',
      )
      .addHelpText('after', HELP)
  },
  async run(io, flags) {
    const { configs, isInside } = placeOf(flags.configs, io.cwd)
    if (flags.fromSpace === true) return initFromSpace(io, { ...flags, configs })
    const project = [projectFile(configs, io.cwd), ...exampleFiles(configs, io.cwd)]
    const hasWorkflow = existsSync(resolve(io.cwd, WORKFLOW_PATH)) || !isInside
    const workflow = hasWorkflow ? [] : [workflowFile(configs)]
    const files = [...project, sampleEvents(configs, project), ...workflow]
    writeNewFiles(files, io.cwd)
    const ignored = ignoreState(io.cwd)
      ? [{ path: '.gitignore', text: '', about: 'keeps .engage-sync/ out of git' }]
      : []
    tell(io, { files: [...files, ...ignored], next: ['validate', 'test', 'run'] }, flags)
    return EXIT.done
  },
})

/** A directory below this one goes by its way from here; the workflow of this one knows no other. */
function placeOf(
  directory: string,
  cwd: string,
): { readonly configs: string; readonly isInside: boolean } {
  const below = relative(cwd, resolve(cwd, directory)).replaceAll(sep, '/')
  const isInside = !/^\.\.(?:\/|$)/.test(below) && !isAbsolute(below)
  return isInside && below !== ''
    ? { configs: below, isInside }
    : { configs: directory.replace(/(?<=.)\/+$/, ''), isInside }
}

const HELP = `
Writes new files only: where one is there already, nothing is written.
`

async function initFromSpace(io: Io, flags: GlobalFlags & InitFlags) {
  const { configs, env: environment, name, destination: destinations = [] } = flags
  if (!/^\w[\w.-]*$/.test(name) || name.endsWith('.cases')) {
    throw new SyncError('USAGE_NAME', `"${name}" cannot name a sync`, {
      hint: 'Use letters, digits, `-`, `_` and `.`.',
    })
  }
  const file = await syncFromSpace({ configs, environment, name, destinations }, io)
  writeNewFiles([file], io.cwd)
  tell(io, { files: [file], next: ['validate'] }, flags)
  return EXIT.done
}

function tell(
  io: Io,
  { files, next }: { readonly files: readonly ScaffoldFile[]; readonly next: readonly string[] },
  { configs }: GlobalFlags,
): void {
  const colours = coloursFor(io.stdout, io.env)
  const rows = files.map(({ path, about }) => [colours.green('✓'), path, colours.dim(about)])
  const option = configs === 'configs' ? '' : ` --configs ${configs}`
  const commands = next.map((name) => `  engage-sync ${name}${option}`)
  io.stdout.write(
    `${[...alignRows(rows, []), '', 'Try it; nothing leaves this machine:', ...commands].join('\n')}\n`,
  )
}
