import { writtenOut } from '../../process/marks.ts'

/** What JSON may hold as it is, and a terminal or GitHub would obey all the same. */
const OBEYED = /[\u007F-\u009F\u2028\u2029]|\p{Bidi_Control}|#(?=#\[)/gu

/** Data as the `json` format prints it: indented JSON with a line end, alone on standard output. */
export function renderJson(data: unknown): string {
  return `${JSON.stringify(data, null, 2).replace(OBEYED, writtenOut)}\n`
}
