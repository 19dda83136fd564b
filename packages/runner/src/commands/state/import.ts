import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { SyncError } from '@engage-sync/core'
import { Argument } from 'commander'
import { EXIT } from '../../process/exit.ts'
import { countOf } from '../../output/text/numbers.ts'
import { alreadyExists } from '../../state/format/errors.ts'
import { importLines, readHead } from '../../state/actions/import-state.ts'
import { openState, placeOfState } from '../../workspace/state/open-state.ts'
import { openEnvironment } from '../../workspace/environment/open-environment.ts'
import { stateExists } from '../../workspace/state/state-exists.ts'
import { holdingLease } from '../../workspace/state/with-state.ts'
import { fingerprintWorkspace } from '../../workspace/state/workspace-fingerprint.ts'
import { defineCommand } from '../../command-line/command.ts'

/** `state import FILE`: makes the state of an environment from an export. */
export const importCommand = defineCommand<{ readonly newKey?: boolean }>({
  configure(command) {
    command
      .addArgument(new Argument('<file>', 'written by `state export`'))
      .option('--new-key', 'the workspace is the same, only its API key was replaced since')
  },
  async run(io, flags, [file = '']) {
    const { environment, place } = openEnvironment(io, flags)
    const options = { environment, root: place.root, now: io.now }
    const path = resolve(io.cwd, file)
    const expected = {
      workspace: fingerprintWorkspace(environment.braze),
      environment: environment.name,
      newKey: flags.newKey === true,
    }
    readHead(await firstLine(path, file), expected)
    if (await stateExists(options)) throw alreadyExists(placeOfState(options))
    const store = await openState({ ...options, create: 'always' })
    try {
      const { lines } = await holdingLease(store, 'state import', (epoch) =>
        importLines(store, linesOf(path), epoch),
      )
      io.stdout.write(
        `Made a state for ${environment.name} at ${placeOfState(options)} from ${countOf(lines, 'line')}.\n`,
      )
      return EXIT.done
    } finally {
      await store.close()
    }
  },
})

/**
 * Opened with the first line asked for: an interface that is made earlier loses the lines it reads
 * before that.
 */
async function* linesOf(path: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })
}

async function firstLine(path: string, shown: string): Promise<string | undefined> {
  await access(path).catch((error: NodeJS.ErrnoException) => {
    throw new SyncError(
      'USAGE_IMPORT_FILE',
      `${shown} cannot be read (${error.code ?? 'unknown'})`,
      { hint: 'Check the path.' },
    )
  })
  for await (const line of linesOf(path)) return line
  return undefined
}
