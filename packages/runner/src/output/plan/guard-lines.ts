import type { GuardStop } from '@engage-sync/core'
import type { Colours } from '../text/colours.ts'
import { safeLine } from '../text/safe-text.ts'

/**
 * What guards say when they stop a run.
 *
 * Shape: one block; for each guard what it found and the option that allows exactly that, always in
 * the same order; then one line that allows all of it.
 */
export function renderGuards(stops: readonly GuardStop[], colours: Colours): string {
  const lines = [colours.red('Stopped by a guard. Nothing was sent.'), '']
  const sorted = stops.toSorted((a, b) => (a.allow < b.allow ? -1 : 1))
  for (const stop of sorted)
    lines.push(
      `  ${safeLine(stop.message)}`,
      colours.dim(`    If that is meant: --allow ${safeLine(stop.allow)}`),
    )
  if (sorted.length > 1)
    lines.push(
      '',
      colours.dim(
        `  If all of that is meant: ${sorted.map(({ allow }) => `--allow ${safeLine(allow)}`).join(' ')}`,
      ),
    )
  return `${lines.join('\n')}\n`
}
