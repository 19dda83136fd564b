import type { UnbegunRun } from '../../../workspace/state/unbegun-runs.ts'
import { folded, markup, NOTHING, pill, table } from '../../html/index.ts'
import type { Column, Markup, Part } from '../../html/index.ts'
import { countOf, formatInstant } from '../../text/numbers.ts'
import { toneOf } from './run-head.ts'

/** Lines that stand open. */
const MOST_OPEN = 10

const COLUMNS: readonly Column[] = [{ head: 'When' }, { head: 'Why' }]

/** Runs of this machine that ended before the state could keep them. */
export function unbegunTable(runs: readonly UnbegunRun[]): Markup {
  if (runs.length === 0) return NOTHING
  const rest = runs.slice(MOST_OPEN)
  const more =
    rest.length === 0
      ? NOTHING
      : folded(
          `and ${countOf(rest.length, 'earlier one')}`,
          table('Earlier ones that never began', COLUMNS, rest.map(line)),
        )
  const open = table('Never began', COLUMNS, runs.slice(0, MOST_OPEN).map(line))
  return markup`<h2>Never began</h2>${open}${more}<p class="soft">The state could not keep these; this machine did.</p>`
}

function line({ startedMs, status, error }: UnbegunRun): readonly Part[] {
  const { code, message } = error
  return [
    markup`<span class="soft">${formatInstant(startedMs)}</span>`,
    markup`${pill(status, toneOf(status))} <span class="strong">${code}</span> ${message}`,
  ]
}
