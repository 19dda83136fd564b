import type { Diagnostic, SyncError } from '@engage-sync/core'
import type { Io } from '../../process/io.ts'
import { causeOf } from '../../process/cause.ts'
import { isSyncError } from '../../process/sync-error.ts'
import { coloursFor } from '../text/colours.ts'
import { renderDiagnostic } from './human.ts'
import { safeLine } from '../text/safe-text.ts'

/**
 * Writes what went wrong, and the next step, to standard error.
 *
 * Shape: `error CODE  message`, then the hint; before it the first mistakes of an invalid configuration. Of an error that is no `SyncError` only its name and stack frames are
 * shown: its text may quote what it choked on, and that may be somebody's data. `ENGAGE_SYNC_DEBUG=1` shows it all.
 */
export function printError(error: unknown, io: Io): void {
  if (io.log !== undefined) return io.log({ level: 'error', ...causeOf(error) })
  const colours = coloursFor(io.stderr, io.env)
  for (const each of diagnosticsOf(error))
    io.stderr.write(`${renderDiagnostic(each, { colours, columns: io.stderr.columns })}\n\n`)
  const { code, message, hint } = causeOf(error)
  io.stderr.write(`${colours.red('error')} ${colours.bold(code)}  ${safeLine(message)}\n`)
  const more = code === 'INTERNAL' ? insidesOf(error, io.env['ENGAGE_SYNC_DEBUG'] === '1') : []
  for (const line of [...more, ...hintOf(error, hint)])
    io.stderr.write(`      ${colours.dim(safeLine(line))}\n`)
}

/** The mistakes of an invalid configuration, as many as a person reads. */
function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  if (!isSyncError(error) || !('config' in error)) return []
  const { diagnostics } = (error as SyncError & InvalidConfig).config
  return diagnostics.filter(({ severity }) => severity === 'error').slice(0, MOST_DIAGNOSTICS)
}

interface InvalidConfig {
  readonly config: { readonly diagnostics: readonly Diagnostic[] }
}

const MOST_DIAGNOSTICS = 10

/** Mistakes that were all shown need no other command to show them. */
function hintOf(error: unknown, hint: string | null): readonly string[] {
  const shown = diagnosticsOf(error).length
  return hint === null || (shown > 0 && shown < MOST_DIAGNOSTICS) ? [] : hint.split('\n')
}

/** Where a mistake of ours happened; everything that is known of it only when asked for. */
function insidesOf(error: unknown, everything: boolean): readonly string[] {
  if (!(error instanceof Error) || isSyncError(error)) return []
  return everything ? [error.message] : framesOf(error.stack ?? '').slice(0, 4)
}

function framesOf(stack: string): readonly string[] {
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
}
