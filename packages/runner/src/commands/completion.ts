import { Argument } from 'commander'
import { EXIT } from '../process/exit.ts'
import { describeCommands } from '../command-line/completion.ts'
import { completionScript, SHELLS } from '../command-line/completion-scripts.ts'
import type { Shell } from '../command-line/completion-scripts.ts'
import { defineCommand } from '../command-line/command.ts'
import type { CommandEntry, CommandSpec } from '../command-line/command.ts'
import { globalOptions } from '../command-line/options.ts'

/**
 * `completion`: the script with which a shell completes commands and options.
 *
 * @param commands - the table of all of them
 */
export function completionOf(commands: readonly CommandEntry[]): CommandSpec {
  return defineCommand<object>({
    configure(command) {
      command
        .addArgument(new Argument('<shell>', 'which shell reads it').choices(SHELLS))
        .addHelpText('after', HELP)
    },
    async run(io, _flags, [shell]) {
      io.stdout.write(
        completionScript(shell as Shell, await describeCommands(commands, globalOptions())),
      )
      return EXIT.done
    },
  })
}

const HELP = `
Load it where your shell starts:
  bash   source <(engage-sync completion bash)
  zsh    source <(engage-sync completion zsh)      after compinit
  fish   engage-sync completion fish | source
`
