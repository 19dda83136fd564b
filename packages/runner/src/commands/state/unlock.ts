import { EXIT } from '../../process/exit.ts'
import { confirm } from '../../workspace/confirm.ts'
import { withState } from '../../workspace/state/with-state.ts'
import { defineCommand } from '../../command-line/command.ts'
import { ownerText } from '../../state/format/owner-text.ts'

/** An older format is not brought up while a lease is held. */
const HOLD = { access: 'hold' } as const

/** `state unlock`: ends the lease of a run, whose commits are refused from then on. */
export const unlockCommand = defineCommand<{ readonly yes?: boolean }>({
  configure(command) {
    command.option('--yes', 'do not ask').addHelpText('after', HELP)
  },
  run: (io, flags) =>
    withState(io, { flags, ...HOLD }, async (store) => {
      const lease = await store.currentLease()
      if (lease === null) {
        io.stdout.write('Nobody holds the lease. A run can start.\n')
        return EXIT.done
      }
      const seconds = Math.max(0, Math.round((lease.expiresAt - io.now()) / 1000))
      await confirm(
        io,
        `${ownerText(lease.owner)} holds the lease for ${seconds} s more. If it still runs, it will stop with an error.`,
        flags.yes === true,
      )
      await store.breakLease()
      io.stdout.write(`Ended the lease of ${ownerText(lease.owner)}.\n`)
      return EXIT.done
    }),
})

const HELP = `
A lease lapses by itself some seconds after its run is gone. This is for those who cannot wait, or whose clocks differ.
`
