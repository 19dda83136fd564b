import { Argument } from 'commander'
import type { EventLog, StateStore } from '@engage-sync/core'
import { EXIT } from '../../process/exit.ts'
import { forgetInLogs } from '../../adapters/forget-in-logs.ts'
import { savedPositions } from '../../engine/index.ts'
import { countOf } from '../../output/text/numbers.ts'
import { forgetUser } from '../../state/actions/forget-user.ts'
import { confirm } from '../../workspace/confirm.ts'
import { namesOf } from '../../workspace/files/user-names.ts'
import { holdingLease, withState } from '../../workspace/state/with-state.ts'
import { borrowing, handOverOption } from '../../serve/borrow.ts'
import type { HandOverFlags } from '../../serve/borrow.ts'
import { openEnvironment } from '../../workspace/environment/open-environment.ts'
import type { OpenEnvironment } from '../../workspace/environment/open-environment.ts'
import type { Io } from '../../process/io.ts'
import type { ExitCode } from '../../process/exit.ts'
import { defineCommand } from '../../command-line/command.ts'
import type { GlobalFlags } from '../../command-line/command.ts'

interface ForgetFlags extends HandOverFlags {
  readonly yes?: boolean
}

/** `state forget USER`: erases what is held of one user. Braze is not asked. */
export const forgetCommand = defineCommand<ForgetFlags>({
  configure(command) {
    command
      .addArgument(
        new Argument('<user>', 'external id as Braze knows it, or <label>:<name> of an alias'),
      )
      .option('--yes', 'do not ask')
      .addOption(handOverOption())
      .addHelpText('after', HELP)
  },
  run: (io, flags, [user = '']) => {
    const opened = openEnvironment(io, flags)
    return borrowing(io, { ...flags, opened }, () => forget(io, flags, { user, opened }))
  },
})

interface Forgotten {
  /** As it was written. */
  readonly user: string
  readonly opened: OpenEnvironment
}

function forget(
  io: Io,
  flags: GlobalFlags & ForgetFlags,
  { user, opened }: Forgotten,
): Promise<ExitCode> {
  const names = namesOf(user, opened.config.syncs)
  return withState(io, { flags }, async (store) => {
    await confirm(io, 'Everything the state holds of this user will be erased.', flags.yes === true)
    const { rows, deadLetters, markedEvents, isPurged } = await holdingLease(
      store,
      'state forget',
      (epoch) => forgetUser(store, names, epoch),
    )
    if (rows + deadLetters + markedEvents === 0)
      io.stdout.write('The state held nothing of this user.\n')
    else {
      const parts = [
        countOf(rows, 'row'),
        countOf(deadLetters, 'dead letter'),
        countOf(markedEvents, 'event without an answer', 'events without an answer'),
      ]
      io.stdout.write(`Erased ${parts.join(', ')}.\n`)
    }
    if (!isPurged) io.stdout.write(STILL_READ)
    await forgetReceived(io, store, { user, opened })
    return EXIT.done
  })
}

async function forgetReceived(
  io: Io,
  store: StateStore,
  { user, opened: { environment, place } }: Forgotten,
): Promise<void> {
  const worked = async (source: string, log: EventLog) =>
    (await savedPositions(store, new Map([[source, log]]))).get(source) ?? null
  const logs = { environment, directory: place.directory, worked }
  const { records, left, kept } = await forgetInLogs(logs, user.trim())
  if (records > 0) io.stdout.write(`Erased ${receivedText(records)}.\n`)
  if (left > 0) io.stdout.write(notYet(left))
  if (kept.length > 0) io.stdout.write(cannotErase(kept))
}

const STILL_READ = `Somebody reads the state at the moment, so its files may still hold what was erased: the next run, or \`state forget\`
once more, rewrites them.
`

function receivedText(records: number): string {
  return countOf(records, 'record that was received', 'records that were received')
}

function notYet(left: number): string {
  return `${countOf(left, 'record')} of this user came together with others' that are not worked on yet.
Let the server work on everything (/readyz), then forget once more.
`
}

function cannotErase(sources: readonly string[]): string {
  return `What ${sources.join(', ')} received may still name this user: that log erases nothing, and forgets by its own limits of age.
Once it is worked on, a record of the log brings the user back where the state forgot it before.
`
}

const HELP = `
Braze keeps the user: \`privacy: { on_delete: delete }\` asks it to delete those whom Segment deletes. Source files that
still hold the user would bring the user back with \`run --reread\`.
`
