import type { MarkdownEnv } from 'vitepress'

/** What is needed of the program that makes HTML. */
interface Renderer {
  render(source: string, env: MarkdownEnv): string
}

/**
 * What the search reads of a page: all of it, of the reference only the name and what it is.
 *
 * Hundreds of tables of members would otherwise bury the pages that answer a question.
 */
export function searchText(source: string, env: MarkdownEnv, md: Renderer): string {
  if (env.frontmatter?.['search'] === false) return ''
  if (!/(^|\/)reference\//.test(env.relativePath)) return md.render(source, env)
  return md.render(firstWords(source), env)
}

/** Title and the paragraphs up to the first heading below it, without the signature. */
function firstWords(source: string): string {
  const lines = source.split('\n')
  const end = lines.findIndex((line) => line.startsWith('## '))
  return lines
    .slice(0, end < 0 ? lines.length : end)
    .filter((line) => !line.startsWith('> ') && !line.startsWith('Defined in:'))
    .join('\n')
}

/**
 * How much a hit counts by where it is: pages before the reference, whose names hold every word there is.
 *
 * Runs in the reader's browser, so it may use nothing from outside of itself.
 */
export function byPlace(id: unknown): number {
  return String(id).includes('/reference/') ? 0.2 : 1
}
