const CELL = /"((?:[^"]|"")*)"|([^,\r\n"]*)/uy

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
    CELL.lastIndex = at
    const match = CELL.exec(text)
    if (match === null) break
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    at = skipToDelimiter(text, CELL.lastIndex)
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

/** What follows a closing quote up to the delimiter belongs to no cell. */
function skipToDelimiter(text: string, from: number): number {
  let at = from
  while (at < text.length && text[at] !== ',' && text[at] !== '\n' && text[at] !== '\r') at++
  return at
}
