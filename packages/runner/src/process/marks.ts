import { randomUUID } from 'node:crypto'

/**
 * Stands before whatever this program means a terminal or GitHub to obey. Random: no data can hold
 * it.
 */
const MARK = `\u001B${randomUUID()}`
const COLOUR = new RegExp(`${MARK}\\d+m`, 'g')
const INSTRUCTION = new RegExp(`${MARK}(?:(\\d+)m|(K)|(!))`, 'g')

/**
 * Characters that are obeyed instead of shown: controls, and those that turn the direction of
 * writing.
 */
const CONTROLS = /(?![\t\n])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu
/**
 * GitHub takes a line that begins so for a command, whatever spaces are before it; of the older
 * form, any line.
 */
const COMMANDS = /(^|\n)([^\S\n]*):(?=:)/g
const OLD_COMMANDS = /#(?=#\[)/g

/** Colours what follows, by the number of a terminal. */
export function colourMark(number: string): string {
  return `${MARK}${number}m`
}

/** Takes the line away that the terminal stands on. */
export const CLEAR_LINE = `${MARK}K`

/** A line that GitHub is meant to obey; all that is in it must be escaped by its rules. */
export function commandLine(line: string): string {
  return `${MARK}!${line}`
}

/** Text as a person sees it, for its width. */
export function withoutColour(text: string): string {
  return text.replace(COLOUR, '')
}

/** A control character as it is written down: `\u001b`. */
export function writtenOut(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/**
 * Text as it may leave: nothing is obeyed by a terminal or by GitHub but what this program marked.
 *
 * Shape: marks become what they stand for; every other control character but tab and line end is
 * written out; a line of data that GitHub would take for a command no longer begins as one.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function obeyed(text: string): string {
  const parts = text.split(INSTRUCTION_OR_TEXT).map((part) => {
    if (part.startsWith(MARK)) return part
    return part.replace(CONTROLS, writtenOut)
  })
  return parts
    .join('')
    .replace(COMMANDS, `$1$2${writtenOut(':')}`)
    .replace(OLD_COMMANDS, writtenOut('#'))
    .replace(INSTRUCTION, (_, colour?: string, clear?: string) => {
      if (colour !== undefined) return `\u001B[${colour}m`
      return clear === undefined ? '' : '\r\u001B[2K'
    })
}

/** Cuts a text before and after each instruction, which stay. */
const INSTRUCTION_OR_TEXT = new RegExp(`(${MARK}(?:\\d+m|K|!))`)
