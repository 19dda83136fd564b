import { EXIT } from '../../process/exit.ts'
import { countOf } from '../../output/text/numbers.ts'
import { coloursFor } from '../../output/text/colours.ts'
import { summariseState } from '../../state/reading/summarise.ts'
import { readState } from '../../workspace/state/with-state.ts'
import { defineCommand } from '../../command-line/command.ts'

/** `state check`: reads everything a state holds, as a run would. */
export const checkCommand = defineCommand({
  configure() {},
  run: (io, flags) =>
    readState(io, flags, async (store) => {
      const colours = coloursFor(io.stdout, io.env)
      const problems = await store.check()
      if (problems.length === 0) {
        const { users } = await summariseState(store)
        io.stdout.write(
          `${colours.green('✓')} The state is sound: ${countOf(users.total, 'user')}, every row and record readable.\n`,
        )
        return EXIT.done
      }
      io.stdout.write(`${colours.red('✗')} The state is damaged:\n`)
      for (const problem of problems) io.stdout.write(`  ${problem}\n`)
      io.stdout.write(
        colours.dim(
          '  Copy it away as it is, then restore a backup or an export. `engage-sync help state reset` says how to begin anew.\n',
        ),
      )
      return EXIT.state
    }),
})
