import { obeyed } from './marks.ts'

/** A place text is written to. */
export interface Output {
  write(text: string): void
  /** Whether a person watches it. */
  readonly isTTY: boolean
  /** Width in characters. */
  readonly columns: number
}

/**
 * An output that a terminal or GitHub obeys only where this program says so; see `obeyed`.
 *
 * `main` gives commands no other, so that none can forget it.
 */
export function guarded(output: Output): Output {
  return {
    write: (text) => output.write(obeyed(text)),
    isTTY: output.isTTY,
    get columns() {
      return output.columns
    },
  }
}

/** One line of the log, where it is JSON. The time is added to it. */
export interface LogEntry {
  readonly level: 'info' | 'warning' | 'error'
  /** Facts beside it: an event's name and counts, or a cause's members. No personal data. */
  readonly [fact: string]: unknown
}

/** This program, running once more in a process of its own; what it says of trouble is this one's. */
export interface Started {
  readonly pid: number
  /** Its exit code, or null where a signal ended it. */
  readonly ended: Promise<number | null>
  /** Asks it to end; once more, makes it. It is asked by itself where this process is gone, however that ended. */
  stop(): void
  /** Tells it to read its configuration anew. */
  hangUp(): void
}

/** Everything the command line takes from, or gives to, the process around it. */
export interface Io {
  readonly stdout: Output
  readonly stderr: Output
  readonly stdin: AsyncIterable<Uint8Array>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute path that relative paths start at. */
  readonly cwd: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Aborted when the process is asked to stop (SIGINT, SIGTERM). */
  readonly signal: AbortSignal
  /**
   * Calls back whenever the process is told to read its configuration anew (SIGHUP); what it gives
   * ends that. Default: it is never told.
   */
  readonly onHangUp?: (listener: () => void) => () => void
  /** Writes one JSON line to standard error, in the place of text. Default: text is written. */
  readonly log?: (entry: LogEntry) => void
  /** Runs this program once more, beside it. Default: it cannot be. */
  readonly another?: (argv: readonly string[]) => Started
  /** Whether standard error holds nothing but errors. Default false. */
  readonly quiet?: boolean
}

/**
 * Whether text for an output may carry colour.
 *
 * Shape: `NO_COLOR` (any text) wins over `FORCE_COLOR`, which wins over what the output is.
 *
 * @see https://no-color.org
 */
export function wantsColour(output: Output, env: Io['env']): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0'
  return output.isTTY && env['TERM'] !== 'dumb'
}
