import type { GuardStop } from '@engage-sync/core'
import type { Colours } from '../text/colours.ts'
import { safeLine } from '../text/safe-text.ts'

/**
 * What guards say when they stop a run.
 *
 * Shape: one block; for each guard what it found and the option that allows exactly that.
 */
export function renderGuards(stops: readonly GuardStop[], colours: Colours): string {
  const lines = [colours.red('Stopped by a guard. Nothing was sent.'), '']
  for (const stop of stops) lines.push(`  ${safeLine(stop.message)}`, colours.dim(`    If that is meant: --allow ${safeLine(stop.allow)}`))
  return `${lines.join('\n')}\n`
}
