import type { FleetWorker, StateStore } from '@engage-sync/core'
import { countOf } from '../../output/text/numbers.ts'
import { EXIT } from '../../process/exit.ts'
import type { ExitCode } from '../../process/exit.ts'
import type { Io } from '../../process/io.ts'
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
      const { workers } = await store.fleet()
      if (lease === null && workers.length > 0)
        return await endWorkers(store, { io, flags, workers })
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

/** Has all of them lost; those that still run join again. */
async function endWorkers(
  store: StateStore,
  asked: {
    readonly io: Io
    readonly flags: { readonly yes?: boolean }
    readonly workers: readonly FleetWorker[]
  },
): Promise<ExitCode> {
  const { io, flags, workers } = asked
  const names = workers.map(({ worker }) => ownerText(worker)).join(', ')
  await confirm(
    io,
    `${countOf(workers.length, 'worker')} share this environment: ${names}. Those that still run give up what is under way, and join again.`,
    flags.yes === true,
  )
  await store.breakLease()
  io.stdout.write(`Ended ${names}.\n`)
  return EXIT.done
}

const HELP = `
A lease lapses by itself some seconds after its run is gone. This is for those who cannot wait, or whose clocks differ.
`
