import { Argument } from 'commander'
import { EXIT } from '../../process/exit.ts'
import { countOf } from '../../output/text/numbers.ts'
import { removeMapping } from '../../state/actions/remove-mapping.ts'
import { holdingsOf } from '../../state/reading/mapping-holdings.ts'
import { confirm } from '../../workspace/confirm.ts'
import { holdingLease, withState } from '../../workspace/state/with-state.ts'
import { borrowing, handOverOption } from '../../serve/borrow.ts'
import type { HandOverFlags } from '../../serve/borrow.ts'
import { defineCommand } from '../../command-line/command.ts'

interface RmFlags extends HandOverFlags {
  readonly yes?: boolean
}

/** `state rm MAPPING`: the state knows nothing of it any more. Braze is not asked. */
export const rmCommand = defineCommand<RmFlags>({
  configure(command) {
    command
      .addArgument(new Argument('<mapping>', 'its id, as `state list` has it'))
      .option('--yes', 'do not ask')
      .addOption(handOverOption())
      .addHelpText('after', HELP)
  },
  run: (io, flags, [id = '']) =>
    withState(io, { flags }, async (store, opened) => {
      const { users } = await holdingsOf(store, id)
      await confirm(
        io,
        `What the state knows of ${id}, of ${countOf(users, 'user')}, will be forgotten.`,
        flags.yes === true,
      )
      await borrowing(io, { ...flags, opened }, () =>
        holdingLease(store, 'state rm', (epoch) => removeMapping(store, id, epoch)),
      )
      io.stdout.write(`Forgot ${id}. Braze keeps what it holds of it.\n`)
      return EXIT.done
    }),
})

const HELP = `
Braze keeps what it holds. Where the configuration still has the mapping, the next run reads its history and sends all
of it again, which is billed; one that is gone is no longer listed as left behind.
`
