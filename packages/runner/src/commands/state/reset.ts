import { EXIT } from '../../process/exit.ts'
import { confirm } from '../../workspace/confirm.ts'
import { placeOfState } from '../../workspace/state/open-state.ts'
import { openEnvironment } from '../../workspace/environment/open-environment.ts'
import { resetState } from '../../workspace/state/reset-state.ts'
import { defineCommand } from '../../command-line/command.ts'

/** `state reset`: removes the state of an environment. */
export const resetCommand = defineCommand<{ readonly yes?: boolean }>({
  configure(command) {
    command.option('--yes', 'do not ask').addHelpText('after', HELP)
  },
  async run(io, flags) {
    const { environment, place } = openEnvironment(io, flags)
    const options = { environment, root: place.root, now: io.now }
    const where = placeOfState(options)
    const isSimulated = environment.braze.endpoint === 'simulator'
    const price = isSimulated
      ? 'The simulator forgets its users, too.'
      : 'The next run would send every value again, and Braze bills each.'
    await confirm(
      io,
      `The state of ${environment.name} at ${where} will be removed. ${price}`,
      flags.yes === true,
    )
    const wasThere = await resetState(options)
    io.stdout.write(
      wasThere
        ? `Removed the state of ${environment.name}.\n`
        : `There was no state of ${environment.name}.\n`,
    )
    return EXIT.done
  },
})

const HELP = `
Export it first if it can still be read: \`engage-sync state export\`. After \`state reset\` and \`state init\`,
\`engage-sync state adopt\` takes today's values as already sent, so that Braze does not bill them a second time.
`
