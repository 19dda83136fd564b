import { escapeCell } from '../../formats/markdown.ts'
import { formatCount, formatShare } from '../../text/numbers.ts'

/** The longest name or value that is shown whole. */
const MOST_CHARACTERS = 160

/** A name or value as it is, safe in a table's cell; of a long one, its beginning and how much more there is. */
export function code(text: string): string {
  const line = text.replace(/[\r\n]+/g, ' ').replaceAll('`', "'")
  const more = line.length - MOST_CHARACTERS
  const shown = more > 0 ? line.slice(0, MOST_CHARACTERS) : line
  return `\`${shown.replaceAll('|', '\\|')}\`${more > 0 ? ` and ${formatCount(more)} more characters` : ''}`
}

/** A name of Braze, set off from the words around it. */
export function name(text: string): string {
  return `**${escapeCell(text)}**`
}

/** Words whose names stand in backticks. */
export function words(text: string): string {
  return text
    .split('`')
    .map((part, index) =>
      index % 2 === 0
        ? escapeCell(part)
        : part === ''
          ? ''
          : `\`${part.replace(/[\r\n]+/g, ' ')}\``,
    )
    .join('')
}

/** A count for a table: nothing is a dot. */
export function dotted(count: number): string {
  return count === 0 ? '·' : formatCount(count)
}

/** Many more than there are as so many times these, where a percentage would be none to read. */
export function percentOrTimes(share: number): string {
  return share < MANY_TIMES ? formatShare(share, 1) : `${times(share)} times as many`
}

/** A part of what a run may use: `7.7% of the 50,000 a run may use`, `4.8 times the 50,000 a run may use`. */
export function ofBudget(share: number, most: number): string {
  const how = share < MANY_TIMES ? `${formatShare(share, 1)} of` : `${times(share)} times`
  return `${how} the ${formatCount(most)} a run may use`
}

const MANY_TIMES = 2

function times(share: number): string {
  return share >= 10 ? formatCount(Math.round(share)) : share.toFixed(1)
}
