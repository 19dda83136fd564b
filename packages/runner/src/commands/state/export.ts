import { Argument } from 'commander'
import { EXIT } from '../../process/exit.ts'
import { countOf, formatBytes } from '../../output/text/numbers.ts'
import { exportLines } from '../../state/actions/export-state.ts'
import { holdingLease, withState } from '../../workspace/state/with-state.ts'
import { writeLines } from '../../workspace/files/write-lines.ts'
import { borrowing, handOverOption } from '../../serve/borrow.ts'
import type { HandOverFlags } from '../../serve/borrow.ts'
import { defineCommand } from '../../command-line/command.ts'

/** A state of an older format is exported as it is, so that a former version can take it back. */
const HOLD = { access: 'hold' } as const

/** `state export FILE`: all of a state in one file, readable by its owner only. */
export const exportCommand = defineCommand<HandOverFlags>({
  configure(command) {
    command
      .addArgument(new Argument('<file>', 'a file that does not exist yet'))
      .addOption(handOverOption())
      .addHelpText('after', HELP)
  },
  run: (io, flags, [file = '']) =>
    withState(io, { flags, ...HOLD }, async (store, opened) => {
      const { lines, bytes } = await borrowing(io, { ...flags, opened }, () =>
        holdingLease(store, 'state export', () => writeLines(io, file, exportLines(store))),
      )
      io.stdout.write(
        `Wrote ${countOf(lines, 'line')}, ${formatBytes(bytes)}, to ${file}. It names your users: keep it as safe as the state.\n`,
      )
      return EXIT.done
    }),
})

const HELP = `
The file moves a state between SQLite and PostgreSQL, or between machines: \`engage-sync state import\`.
`
