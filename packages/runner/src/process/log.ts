import type { Io, LogEntry, Output } from './io.ts'

/**
 * The outputs as the command line wants standard error: `--log-format json` makes every line of it
 * one JSON object, `--quiet` keeps it to errors.
 *
 * It is read off the command line before anything else, since a command line that is wrong is told
 * there, too.
 *
 * @param io - guarded outputs
 */
export function withLog(io: Io, argv: readonly string[]): Io {
  const quiet = argv.includes('--quiet')
  if (!isJson(argv)) return { ...io, quiet }
  const log = (entry: LogEntry) => {
    if (quiet && entry.level !== 'error') return
    const time = new Date(io.now()).toISOString()
    io.stderr.write(`${JSON.stringify({ time, ...entry })}\n`)
  }
  return { ...io, quiet, log, stderr: lineByLine(log) }
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
