import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SyncError } from '@engage-sync/core'
import type { DeadLetter } from '@engage-sync/core'
import { InvalidArgumentError, Option } from 'commander'
import { EXIT } from '../exit.ts'
import { formatOption } from '../options.ts'
import { coloursFor } from '../output/colours.ts'
import { renderDeadLetters } from '../output/dead-letters-human.ts'
import { renderJson } from '../output/json.ts'
import { countOf } from '../output/numbers.ts'
import { shortenId, wholeId } from '../output/shorten-id.ts'
import { withState } from '../workspace/with-state.ts'
import { defineCommand } from './command.ts'

const LIMIT = 50
const ALL = Number.MAX_SAFE_INTEGER

interface Flags {
  readonly run?: number
  readonly sync?: string
  readonly code?: string
  readonly limit: number
  readonly showValues?: boolean
  readonly out?: string
  readonly format: 'human' | 'json'
}

/** `dead-letters`: what was refused, and why. */
export const deadLettersCommand = defineCommand<Flags>({
  configure(command) {
    command
      .addOption(new Option('--run <number>', 'only those of this run').argParser(wholeNumber))
      .option('--sync <name>', 'only those of this sync')
      .option('--code <code>', 'only those with this reason')
      .addOption(new Option('--limit <letters>', 'how many are listed').argParser(wholeNumber).default(LIMIT))
      .option('--show-values', 'print users and refused values, which are personal data')
      .option('--out <file>', 'write them whole, one JSON a line, into a file that does not exist yet')
      .addOption(formatOption(['human', 'json']))
      .addHelpText('after', HELP)
  },
  run: (io, flags) =>
    withState(io, flags, async (store) => {
      const found = await store.deadLetters({
        limit: ALL,
        ...(flags.run === undefined ? {} : { run: flags.run }),
        ...(flags.sync === undefined ? {} : { sync: flags.sync }),
      })
      const letters = flags.code === undefined ? found : found.filter(({ code }) => code === flags.code)
      if (flags.out !== undefined) {
        await writeLetters(resolve(io.cwd, flags.out), flags.out, letters)
        io.stdout.write(`Wrote ${countOf(letters.length, 'dead letter')} to ${flags.out}. They hold personal data.\n`)
        return EXIT.done
      }
      const listed = letters.slice(0, flags.limit)
      const showValues = flags.showValues === true
      if (flags.format === 'json') {
        io.stdout.write(renderJson({ version: 1, total: letters.length, dead_letters: listed.map((letter) => asJson(letter, showValues)) }))
        return EXIT.done
      }
      const colours = coloursFor(io.stdout, io.env)
      io.stdout.write(renderDeadLetters(listed, { colours, showValues, total: letters.length }))
      return EXIT.done
    }),
})

const HELP = `
Once the cause is mended, \`engage-sync retry\` sends them again. They expire after \`state.dead_letter_days\`.
`

/** Version 1 of a dead letter as data: extended, never renamed. */
function asJson(letter: DeadLetter, isWhole: boolean): object {
  const { id, run, at, expiresAt, sync, code, message, stage, place, payload, subject } = letter
  const user = subject === null ? null : isWhole ? wholeId(subject.user) : shortenId(subject.user)
  return { id, run, at, expires_at: expiresAt, sync, code, message, stage, place, user, ...(isWhole ? { payload } : {}) }
}

async function writeLetters(path: string, shown: string, letters: readonly DeadLetter[]): Promise<void> {
  const text = letters.map((letter) => `${JSON.stringify(asJson(letter, true))}\n`).join('')
  await writeFile(path, text, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    throw new SyncError('USAGE_OUT_FILE', `${shown} cannot be made (${error.code ?? 'unknown'})`, {
      hint:
        error.code === 'EEXIST'
          ? 'It is there already, and is not overwritten. Choose another name.'
          : 'Check the path and its permissions.',
    })
  })
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1.')
  return Number(text)
}
