import type { CaseDifference } from '@engage-sync/core'
import { diffLines, diffWordsWithSpace } from 'diff'
import type { Colours } from '../text/colours.ts'
import { safeLine } from '../text/safe-text.ts'

/** Up to this length both sides stand on one line each, what differs inside them stressed. */
const ONE_LINE = 100

/**
 * Differences of one case: `-` is what was expected, `+` what came.
 *
 * Shape: one heading a section, with the user when there are several; lines without a line end
 * behind the last.
 */
export function renderDifferences(
  differences: readonly CaseDifference[],
  showUser: boolean,
  colours: Colours,
): string {
  const lines: string[] = []
  let heading = ''
  for (const difference of differences) {
    const { section, user } = difference
    const next = showUser && user !== '' ? `${section} of ${user}` : section
    if (next !== heading) lines.push(`    ${colours.dim(safeLine(next))}`)
    heading = next
    lines.push(...differenceLines(difference, colours).map((line) => `      ${line}`))
  }
  return lines.join('\n')
}

function differenceLines(difference: CaseDifference, colours: Colours): readonly string[] {
  const { expected, actual } = difference
  const label = labelOf(difference)
  if (actual === null)
    return [colours.red(`- ${label}${safeLine(expected ?? '')}`) + colours.dim('  nothing came')]
  if (expected === null)
    return [colours.green(`+ ${label}${safeLine(actual)}`) + colours.dim('  not expected')]
  if (Math.max(expected.length, actual.length) > ONE_LINE)
    return [
      ...(label === '' ? [] : [`  ${label.trimEnd()}`]),
      ...longLines(expected, actual, colours),
    ]
  return wordLines({ label, expected, actual }, colours)
}

/** Names of events stand in their text already. */
function labelOf({ section, name, expected, actual }: CaseDifference): string {
  if (section === 'events') return ''
  if (section === 'rejected')
    return name === expected || name === actual ? '' : `${safeLine(name)}  `
  return `${safeLine(name)}: `
}

function wordLines(
  { label, expected, actual }: { label: string; expected: string; actual: string },
  colours: Colours,
): readonly string[] {
  const parts = diffWordsWithSpace(safeLine(expected), safeLine(actual))
  const side = (isOurs: boolean, paint: (text: string) => string) =>
    parts
      .filter(({ added, removed }) => (isOurs ? !removed : !added))
      .map(({ added, removed, value }) =>
        added || removed ? colours.underline(paint(value)) : paint(value),
      )
      .join('')
  return [
    colours.red(`- ${label}`) + side(false, colours.red),
    colours.green(`+ ${label}`) + side(true, colours.green),
  ]
}

/** Long values line by line, as indented JSON. */
function longLines(expected: string, actual: string, colours: Colours): readonly string[] {
  return diffLines(indented(expected), indented(actual)).flatMap(({ added, removed, value }) => {
    const [sign, paint] = added
      ? ['+', colours.green]
      : removed
        ? ['-', colours.red]
        : [' ', colours.dim]
    return value
      .trimEnd()
      .split('\n')
      .map((line) => paint(`${sign} ${safeLine(line)}`))
  })
}

function indented(text: string): string {
  try {
    return `${JSON.stringify(JSON.parse(text), null, 2)}\n`
  } catch {
    return `${text}\n`
  }
}
