import type { Io, LogEntry, Output } from './io.ts'

/**
 * The outputs as the command line wants standard error: `--log-format json` makes every line of it
 * one JSON object, `--quiet` keeps it to errors. What is run beside it writes there, too, and alike.
 *
 * It is read off the command line before anything else, since a command line that is wrong is told
 * there, too.
 *
 * @param given - guarded outputs
 */
export function withLog(given: Io, argv: readonly string[]): Io {
  const quiet = argv.includes('--quiet')
  const io = { ...given, quiet, ...alike(given, argv) }
  if (!isJson(argv)) return io
  const log = (entry: LogEntry) => {
    if (quiet && entry.level !== 'error') return
    const time = new Date(io.now()).toISOString()
    io.stderr.write(`${JSON.stringify({ time, ...entry })}\n`)
  }
  return { ...io, log, stderr: lineByLine(log) }
}

/** Runs this program once more, with the same options of standard error. */
function alike({ another }: Io, argv: readonly string[]): Pick<Io, 'another'> {
  if (another === undefined) return {}
  const options = [
    ...(argv.includes('--quiet') ? ['--quiet'] : []),
    ...(isJson(argv) ? ['--log-format', 'json'] : []),
  ]
  return { another: (line) => another([...line, ...options]) }
}

/** Text that is written all the same becomes messages. */
function lineByLine(log: NonNullable<Io['log']>): Output {
  const write = (text: string) => {
    for (const line of text.split('\n').map((each) => each.trim())) {
      if (line !== '') log({ level: line.startsWith('error') ? 'error' : 'info', message: line })
    }
  }
  return { write, isTTY: false, columns: 200 }
}

function isJson(argv: readonly string[]): boolean {
  const at = argv.indexOf('--log-format')
  return argv.includes('--log-format=json') || (at >= 0 && argv[at + 1] === 'json')
}
