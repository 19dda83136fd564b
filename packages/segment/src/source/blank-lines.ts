const NEWLINE = 0x0a
const SPACE = 0x20
const QUOTE = '"'

/**
 * Overwrites lines with spaces, which are no records.
 *
 * Shape: start and end (exclusive) of each line that was, in order.
 *
 * @param bytes - is changed
 */
export function blankLines(
  bytes: Buffer,
  isMeant: (line: string) => boolean,
): readonly (readonly [start: number, end: number])[] {
  const blank: (readonly [number, number])[] = []
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(NEWLINE, start)
    const end = found < 0 ? bytes.length : found
    if (isMeant(bytes.toString('utf8', start, end))) {
      bytes.fill(SPACE, start, end)
      blank.push([start, end])
    }
    start = end + 1
  }
  return blank
}

/**
 * Tells records that hold one of some identifiers as a whole, as a value or a key.
 *
 * @param ids - as records hold them, texts or numbers; capitals do not count
 */
export function namesAnyOf(ids: readonly string[]): (line: string) => boolean {
  const wanted = ids.map((id) => JSON.stringify(id).slice(1, -1).toLowerCase())
  return (line) => {
    const text = line.toLowerCase()
    return wanted.some(
      (id) => text.includes(`${QUOTE}${id}${QUOTE}`) || (isNumber(id) && holdsNumber(text, id)),
    )
  }
}

function isNumber(id: string): boolean {
  return /^\d+$/.test(id)
}

function holdsNumber(text: string, id: string): boolean {
  return new RegExp(`[:[,]${id}[,}\\]]`).test(text)
}
