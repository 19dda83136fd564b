import { existsSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'

const ROOT = join(import.meta.dirname, '../../..')
const DOCS = join(ROOT, 'docs')

/** Pages whose address on the site is not their path below `docs/`. */
export const MOVED_PAGES: Readonly<Record<string, string>> = {
  'site/home.md': 'index.md',
  'README.md': 'overview.md',
  'adr/README.md': 'adr/index.md',
}

/**
 * Sends links that leave `docs/` to the repository, where those files are shown.
 *
 * What is no page of the site, such as a recipe or `../configs`, would be a dead link here.
 *
 * @param repository - its address, without a slash at the end
 */
export function linksOfTheRepository(md: MarkdownRenderer, repository: string): void {
  md.core.ruler.push('links-of-the-repository', (state) => {
    const { path } = state.env as { readonly path: string }
    for (const token of state.tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type !== 'link_open') continue
      const target = token.attrGet('href')
      if (target !== null) token.attrSet('href', addressOf({ target, path, repository }))
    }
  })
}

/** What a link leads to on the site. `path` is the absolute one of the page's file. */
function addressOf({
  target,
  path,
  repository,
}: {
  readonly target: string
  readonly path: string
  readonly repository: string
}): string {
  if (/^([a-z]+:|#|\/)/.test(target)) return target
  const [file = '', anchor] = target.split('#')
  const full = join(path, '..', decodeURIComponent(file))
  const after = anchor === undefined ? '' : `#${anchor}`
  const page = relative(DOCS, full)
  if (!page.startsWith('..') && page.endsWith('.md')) {
    const moved = MOVED_PAGES[page]
    return moved === undefined ? target : `/${moved.replace(/index\.md$/, '')}${after}`
  }
  const kind = existsSync(full) && statSync(full).isDirectory() ? 'tree' : 'blob'
  return `${repository}/${kind}/main/${relative(ROOT, full)}${after}`
}
