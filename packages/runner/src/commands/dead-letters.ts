import { maskUser, wholeUser } from '@engage-sync/core'
import type { DeadLetter, DeadLetterFilter, StateStore } from '@engage-sync/core'
import { Option } from 'commander'
import { EXIT } from '../process/exit.ts'
import { formatOption, wholeNumber } from '../command-line/options.ts'
import { coloursFor } from '../output/text/colours.ts'
import { renderDeadLetters } from '../output/inspection/dead-letters.ts'
import { renderJson } from '../output/formats/json.ts'
import { countOf } from '../output/text/numbers.ts'
import { eachDeadLetter } from '../state/reading/dead-letters.ts'
import { writeLines } from '../workspace/files/write-lines.ts'
import { readState } from '../workspace/state/with-state.ts'
import { defineCommand } from '../command-line/command.ts'

const LIMIT = 50

interface Flags {
  readonly run?: number
  readonly sync?: string
  readonly code?: string
  readonly limit: number
  readonly showValues?: boolean
  readonly out?: string
  readonly format: 'human' | 'json'
}

/** `dead-letters`: what was refused, or waits, and why. */
export const deadLettersCommand = defineCommand<Flags>({
  configure(command) {
    command
      .addOption(new Option('--run <number>', 'only those of this run').argParser(wholeNumber))
      .option('--sync <name>', 'only those of this sync')
      .option('--code <code>', 'only those with this reason')
      .addOption(
        new Option('--limit <letters>', 'how many are listed')
          .argParser(wholeNumber)
          .default(LIMIT),
      )
      .option('--show-values', 'print users and refused values, which are personal data')
      .option(
        '--out <file>',
        'write them whole, one JSON a line, into a file that does not exist yet',
      )
      .addOption(formatOption(['human', 'json']))
      .addHelpText('after', HELP)
  },
  run: (io, flags) =>
    readState(io, flags, async (store) => {
      const { run, sync, code, limit, out } = flags
      const filter = {
        ...(run === undefined ? {} : { run }),
        ...(sync === undefined ? {} : { sync }),
        ...(code === undefined ? {} : { code }),
      }
      if (out !== undefined) {
        const { lines } = await writeLines(io, out, linesOf(store, filter))
        io.stdout.write(
          `Wrote ${countOf(lines, 'dead letter')} to ${out}. They hold personal data.\n`,
        )
        return EXIT.done
      }
      const total = await store.countDeadLetters(filter)
      const letters = await store.deadLetters({ ...filter, limit })
      const showValues = flags.showValues === true
      if (flags.format === 'json') {
        io.stdout.write(
          renderJson({
            version: 1,
            total,
            dead_letters: letters.map((letter) => asJson(letter, showValues)),
          }),
        )
        return EXIT.done
      }
      io.stdout.write(
        renderDeadLetters(letters, { colours: coloursFor(io.stdout, io.env), showValues, total }),
      )
      return EXIT.done
    }),
})

const HELP = `
Once the cause is mended, \`engage-sync retry\` sends them again. They expire after \`state.dead_letter_days\`.
What is listed as PENDING_USER was not refused: it waits without expiring, and every run tries it again by itself.
`

/** Version 1 of a dead letter as data: extended, never renamed. */
function asJson(letter: DeadLetter, isWhole: boolean): object {
  const { id, run, at, expiresAt, sync, code, message, stage, place, payload, subject } = letter
  const user = subject === null ? null : isWhole ? wholeUser(subject.user) : maskUser(subject.user)
  return {
    id,
    run,
    at,
    expires_at: stage === 'waiting' ? null : expiresAt,
    sync,
    code,
    message,
    stage,
    place,
    user,
    ...(isWhole ? { payload } : {}),
  }
}

async function* linesOf(store: StateStore, filter: DeadLetterFilter): AsyncGenerator<string> {
  for await (const letter of eachDeadLetter(store, filter))
    yield `${JSON.stringify(asJson(letter, true))}\n`
}
