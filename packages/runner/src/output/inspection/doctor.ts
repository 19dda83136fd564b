import { zip } from '@engage-sync/core'
import type { Finding } from '../../doctor/finding.ts'
import type { Colours } from '../text/colours.ts'
import { countOf } from '../text/numbers.ts'
import { alignRows } from '../text/table.ts'

/**
 * Findings for a terminal: one line each, what to do below it, and a line that sums up. Ends with a
 * line end.
 */
export function renderFindings(findings: readonly Finding[], colours: Colours): string {
  const marks = { ok: colours.green('✓'), warning: colours.yellow('!'), failed: colours.red('✗') }
  const lines = alignRows(
    findings.map(({ name, status, message }) => ['', marks[status], colours.bold(name), message]),
    [],
  )
  const body = zip(findings, lines).flatMap(([{ hint, status }, line]) => [
    line,
    ...(hint === undefined || status === 'ok'
      ? []
      : hint.split('\n').map((line) => colours.dim(`      ${line}`))),
  ])
  return `${body.join('\n')}\n\n${sumUp(findings, colours)}\n`
}

function sumUp(findings: readonly Finding[], colours: Colours): string {
  const count = (wanted: Finding['status']) =>
    findings.filter(({ status }) => status === wanted).length
  const failed = count('failed')
  const warnings = count('warning')
  if (failed > 0) return colours.red(`${countOf(failed, 'check')} failed. A run would not work.`)
  if (warnings > 0) return `A run would work. ${countOf(warnings, 'thing')} to know about.`
  return colours.green('All is well.')
}
