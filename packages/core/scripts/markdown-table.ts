/** Writes rows of cells as a Markdown table; the first row is its head. Bars inside cells are escaped. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows.map(
    (row) =>
      `| ${row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`,
  )
  return [head, `|${' --- |'.repeat(rows[0].length)}`, ...body].join('\n')
}

/** What stands between `<!-- NAME: KEY -->` and `<!-- end -->`, by key. */
export function generatedBlocks(text: string, name: string): ReadonlyMap<string, string> {
  const found = text.matchAll(
    new RegExp(`<!-- ${name}: (\\S+) -->\\n([\\s\\S]*?)<!-- end -->`, 'g'),
  )
  return new Map([...found].map(([, key, block]) => [key, block]))
}

/** Replaces what stands between `<!-- NAME: KEY -->` and `<!-- end -->`; keys without a table keep their text. */
export function replaceBlocks(
  text: string,
  name: string,
  tables: ReadonlyMap<string, string>,
): string {
  return text.replaceAll(
    new RegExp(`(?<=<!-- ${name}: (\\S+) -->\\n)[\\s\\S]*?(?=<!-- end -->)`, 'g'),
    (old, key: string) => {
      const table = tables.get(key)
      return table === undefined
        ? old
        : `<!-- prettier-ignore-start -->\n\n${table}\n\n<!-- prettier-ignore-end -->\n`
    },
  )
}
