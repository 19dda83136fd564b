import { writtenOut } from '../../process/marks.ts'

/**
 * Characters a terminal obeys instead of showing: controls, and those that turn the direction of
 * writing.
 */
const CONTROLS = /(?!\t)[\p{Cc}\p{Bidi_Control}]/gu
const LINE_ENDS = /\r?\n|\r/g
const WIDE =
  /\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|[\uFF00-\uFF60]|\p{Emoji_Presentation}/u
const NO_WIDTH = /\p{Mn}|\p{Me}|\p{Cf}/u

/**
 * Text from a file as one line that is safe to print: what a terminal would obey stands there as
 * `\u001b`.
 *
 * Shape: line ends become `⏎`, tabs stay.
 */
export function safeLine(text: string): string {
  return oneLine(text).replace(CONTROLS, writtenOut)
}

/** Text as one line: its line ends become `⏎`. Colours in it stay. */
export function oneLine(text: string): string {
  return text.replace(LINE_ENDS, '⏎')
}

/**
 * Columns a text takes on a terminal: East Asian and emoji characters take two, marks none. Colour
 * must be off.
 */
export function displayWidth(text: string): number {
  let width = 0
  for (const char of text) width += NO_WIDTH.test(char) ? 0 : WIDE.test(char) ? 2 : 1
  return width
}
