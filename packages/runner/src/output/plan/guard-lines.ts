import type { GuardStop } from '@engage-sync/core'
import type { Colours } from '../text/colours.ts'
import { safeLine } from '../text/safe-text.ts'

/**
 * What guards say when they stop a run.
 *
 * Shape: one block: what each guard found, then the one command that lets all of it pass.
 *
 * @param command - that command
 */
export function renderGuards(
  stops: readonly GuardStop[],
  command: string,
  colours: Colours,
): string {
  const who = stops.length === 1 ? 'a guard' : `${stops.length} guards`
  const lines = [
    '',
    colours.red(`Stopped by ${who}. Nothing was sent.`),
    '',
    ...stops.map(({ message }) => `  ${safeLine(message)}`),
    '',
    colours.dim('  If all of that is meant, this lets it pass once:'),
    `  ${safeLine(command)}`,
  ]
  return `${lines.join('\n')}\n`
}
