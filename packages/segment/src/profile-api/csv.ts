const PLAIN_CELL = /[^,\r\n"]*/uy

/**
 * Parse comma-separated text.
 *
 * Shape: rows of cells; quoted cells may hold commas, line ends and doubled quotes; LF or CRLF; no
 * row for a last empty line.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    const end = text[at] === '"' ? closingQuote(text, at) : -1
    if (end === -1) {
      PLAIN_CELL.lastIndex = at
      row.push(PLAIN_CELL.exec(text)?.[0] ?? '')
      at = skipToDelimiter(text, PLAIN_CELL.lastIndex)
    } else {
      row.push(text.slice(at + 1, end).replaceAll('""', '"'))
      at = skipToDelimiter(text, end + 1)
    }
    if (text[at] === ',') {
      at++
      if (at === text.length) row.push('')
      continue
    }
    rows.push(row)
    row = []
    at += text.startsWith('\r\n', at) ? 2 : 1
  }
  if (row.length > 0) rows.push(row)
  return rows
}

/** Where the quoted cell that begins at a place ends; -1 where no quote closes it. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from + 1)
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2)
  return at
}

/** What follows a closing quote up to the delimiter belongs to no cell. */
function skipToDelimiter(text: string, from: number): number {
  let at = from
  while (at < text.length && text[at] !== ',' && text[at] !== '\n' && text[at] !== '\r') at++
  return at
}
