import { formatCount } from '../text/numbers.ts'

/**
 * The most characters GitHub takes in one comment.
 *
 * @see https://github.com/orgs/community/discussions/41331
 */
export const MAX_COMMENT = 65_536

/** Joins blocks while they fit into a comment, and says when some did not. */
export function fitComment(blocks: readonly string[]): string {
  const note = '\n\n_The rest did not fit into a comment; `--format json` has all of it._\n'
  let text = ''
  for (const block of blocks) {
    if (text.length + block.length + 2 > MAX_COMMENT - note.length - 1) return `${text}${note}`
    text += text === '' ? block : `\n\n${block}`
  }
  return `${text}\n`
}

/** A Markdown table: the head, then rows; numbers to the right. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const rule = head.map((_, column) => (typeof rows[0]?.[column] === 'number' ? '---:' : '---'))
  const lines = [
    head,
    rule,
    ...rows.map((row) =>
      row.map((cell) => (typeof cell === 'number' ? formatCount(cell) : escapeCell(cell))),
    ),
  ]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Text that stays inside its cell and is taken as text. */
export function escapeCell(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/([\\`*_[\]<>|#@~])/g, '\\$1')
}
