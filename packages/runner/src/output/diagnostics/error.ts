import type { Diagnostic, SyncError } from '@engage-sync/core'
import type { Io } from '../../process/io.ts'
import { isDiskFull } from '../../process/disk-full.ts'
import { isSyncError } from '../../process/sync-error.ts'
import { coloursFor } from '../text/colours.ts'
import { renderDiagnostic } from './human.ts'
import { safeLine } from '../text/safe-text.ts'

/**
 * Writes what went wrong, and the next step, to standard error.
 *
 * Shape: `error CODE  message`, then the hint; before it the first mistakes of an invalid configuration. Of an error that is no `SyncError` only its name and stack frames are
 * shown: its text may quote what it choked on, and that may be somebody's data.
 * `ENGAGE_SYNC_DEBUG=1` shows it all.
 */
export function printError(error: unknown, io: Io): void {
  const colours = coloursFor(io.stderr, io.env)
  for (const each of diagnosticsOf(error))
    io.stderr.write(`${renderDiagnostic(each, { colours, columns: io.stderr.columns })}\n\n`)
  const lines = isSyncError(error)
    ? ofOurs(error)
    : ofOthers(error, io.env['ENGAGE_SYNC_DEBUG'] === '1')
  io.stderr.write(
    `${colours.red('error')} ${colours.bold(lines.code)}  ${safeLine(lines.message)}\n`,
  )
  for (const line of lines.more) io.stderr.write(`      ${colours.dim(safeLine(line))}\n`)
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

interface ErrorLines {
  readonly code: string
  readonly message: string
  readonly more: readonly string[]
}

function ofOurs(error: SyncError): ErrorLines {
  return {
    code: error.code,
    message: error.message,
    more: error.hint === undefined ? [] : error.hint.split('\n'),
  }
}

function ofOthers(error: unknown, everything: boolean): ErrorLines {
  if (isDiskFull(error)) {
    const more = ['Free some space, then run again: what was committed before holds.']
    return {
      code: 'OUTPUT_FULL',
      message: `A file could not be written: its disk is full (${error.code})`,
      more,
    }
  }
  if (isAbort(error))
    return { code: 'INTERRUPTED', message: 'Stopped before it was done.', more: [] }
  const name = error instanceof Error ? error.name : typeof error
  const frames = error instanceof Error ? framesOf(error.stack ?? '') : []
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
  return {
    code: 'INTERNAL',
    message: `Unexpected ${name}${code}. This is a mistake of engage-sync.`,
    more: [
      ...(everything && error instanceof Error ? [error.message] : frames.slice(0, 4)),
      'Please report it; ENGAGE_SYNC_DEBUG=1 shows more.',
    ],
  }
}

function framesOf(stack: string): readonly string[] {
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
