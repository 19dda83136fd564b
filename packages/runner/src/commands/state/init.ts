import { EXIT } from '../../process/exit.ts'
import { alreadyExists } from '../../state/format/errors.ts'
import { openState, placeOfState } from '../../workspace/state/open-state.ts'
import { openEnvironment } from '../../workspace/environment/open-environment.ts'
import { stateExists } from '../../workspace/state/state-exists.ts'
import { defineCommand } from '../../command-line/command.ts'

/**
 * `state init`: makes the state of an environment, or gives an existing one the new key of its
 * workspace.
 */
export const initCommand = defineCommand<{ readonly newKey?: boolean }>({
  configure(command) {
    command
      .option(
        '--new-key',
        'the state exists and the workspace is the same, only its API key was replaced',
      )
      .addHelpText('after', HELP)
  },
  async run(io, flags) {
    const { environment, place } = openEnvironment(io, flags)
    const where = placeOfState({ environment, root: place.root })
    const options = { environment, root: place.root, now: io.now }
    if (flags.newKey === true) {
      await (await openState({ ...options, create: 'never', rebind: true })).close()
      io.stdout.write(`The state at ${where} now goes with the new key.\n`)
      return EXIT.done
    }
    if (await stateExists(options)) throw alreadyExists(where)
    const store = await openState({ ...options, create: 'always' })
    await store.close()
    io.stdout.write(`Made a state for ${environment.name} at ${where}.\n`)
    return EXIT.done
  },
})

const HELP = `
Braze may hold values already, from the classic destination or from a lost state. An empty state knows nothing of them,
so the first run sends every value once, and Braze bills each. \`engage-sync state adopt\` avoids that.
`
