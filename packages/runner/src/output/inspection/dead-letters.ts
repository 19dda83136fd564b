import { isJsonObject, maskUser, wholeUser, zip } from '@engage-sync/core'
import type { DeadLetter, Json } from '@engage-sync/core'
import type { Colours } from '../text/colours.ts'
import { hintFor } from '../report/hints.ts'
import { formatCount, formatInstant } from '../text/numbers.ts'
import { alignRows, shorten } from '../text/table.ts'
import { safeLine } from '../text/safe-text.ts'

/** Characters of what was refused; all of it goes into a file. */
const MOST_OF_A_VALUE = 2000

/** How dead letters are laid out. */
export interface DeadLettersOptions {
  readonly colours: Colours
  /** Users and refused values are shown whole. */
  readonly showValues: boolean
  /** How many there are in all. */
  readonly total: number
}

/**
 * Dead letters for a terminal, by reason, the most frequent first.
 *
 * Shape: for each code and message its letters, newest first. Ends with a line end.
 */
export function renderDeadLetters(
  letters: readonly DeadLetter[],
  options: DeadLettersOptions,
): string {
  const { colours, total } = options
  if (letters.length === 0) return total === 0 ? 'No dead letters.\n' : 'No dead letters fit.\n'
  const groups = [...groupByReason(letters).values()].sort((a, b) => b.length - a.length)
  const blocks = groups.map((group) => groupLines(group, options).join('\n'))
  const left = total - letters.length
  const more =
    left > 0
      ? [
          colours.dim(
            `${formatCount(left)} more: --limit shows them; --run, --sync and --code choose.`,
          ),
        ]
      : []
  const hidden = options.showValues
    ? []
    : [colours.dim('Users are shortened and values left out: --show-values prints them.')]
  return `${[...blocks, [...more, ...hidden].join('\n')].filter((block) => block !== '').join('\n\n')}\n`
}

function groupByReason(letters: readonly DeadLetter[]): ReadonlyMap<string, readonly DeadLetter[]> {
  const groups = new Map<string, DeadLetter[]>()
  for (const letter of letters) {
    const reason = `${letter.code}\n${letter.message}`
    const group = groups.get(reason)
    if (group === undefined) groups.set(reason, [letter])
    else group.push(letter)
  }
  return groups
}

function groupLines(group: readonly DeadLetter[], options: DeadLettersOptions): readonly string[] {
  const { colours, showValues } = options
  const [{ code, message }] = group as [DeadLetter]
  const hint = hintFor(code)
  const rows = group.map((letter) => [
    '',
    `${letter.id ?? ''}`,
    `run ${letter.run}`,
    formatInstant(letter.at),
    userOf(letter, showValues),
    letter.place,
  ])
  const lines = alignRows(rows, ['left', 'right', 'right'])
  return [
    `${colours.red(code)} ${colours.dim('·')} ${colours.bold(formatCount(group.length))}`,
    `  ${safeLine(message)}`,
    ...(hint === undefined ? [] : [colours.dim(`  ${hint}`)]),
    ...zip(group, lines).flatMap(([letter, line]) => [
      line,
      ...(showValues
        ? [colours.dim(`      ${shorten(safeLine(textOf(letter.payload)), MOST_OF_A_VALUE)}`)]
        : []),
    ]),
  ]
}

function userOf({ subject }: DeadLetter, isWhole: boolean): string {
  if (subject === null) return '-'
  return isWhole ? wholeUser(subject.user) : maskUser(subject.user)
}

/** What was refused: the record as it came where there is one. */
function textOf(payload: Json): string {
  if (typeof payload === 'string') return payload
  const record = isJsonObject(payload) ? payload['record'] : undefined
  return typeof record === 'string' ? record : JSON.stringify(payload)
}
