import type { Check } from '@engage-sync/core'
import { EXIT, exitCodeOf } from '../process/exit.ts'
import type { ExitCode } from '../process/exit.ts'
import { isSyncError } from '../process/sync-error.ts'

/** A check, and what a run would end with where it failed. */
export interface Finding extends Check {
  readonly exit: ExitCode
}

/** Something that is as it should be. */
export function fine(name: string, message: string): Finding {
  return { name, status: 'ok', message, exit: EXIT.done }
}

/** Something to know about; a run works all the same. */
export function worthKnowing(name: string, message: string, hint: string): Finding {
  return { name, status: 'warning', message, hint, exit: EXIT.done }
}

/**
 * A check that failed by an error of ours.
 *
 * @throws whatever is no error of ours
 */
export function failedBy(name: string, error: unknown): Finding {
  if (!isSyncError(error)) throw error
  const { message, hint } = error
  return {
    name,
    status: 'failed',
    message,
    ...(hint === undefined ? {} : { hint }),
    exit: exitCodeOf(error),
  }
}

/**
 * What a check of the destination means for a run: one that does not answer is unavailable, the
 * rest are credentials.
 */
export function ofDestination(check: Check): Finding {
  if (check.status !== 'failed') return { ...check, exit: EXIT.done }
  return { ...check, exit: check.name === 'endpoint' ? EXIT.unavailable : EXIT.refused }
}

/**
 * The exit code of the worst finding; a state that cannot be used outweighs credentials, they
 * outweigh the network.
 */
export function worstOf(findings: readonly Finding[]): ExitCode {
  return findings.reduce<ExitCode>((worst, { exit }) => (exit > worst ? exit : worst), EXIT.done)
}
