import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DIST, fileOf } from './serve.ts'

/** What the site is known by, for links that say no more than a path. */
const ORIGIN = 'http://site'

/**
 * Links within the built site that lead nowhere, pages of the reference included: a line each.
 *
 * VitePress looks at the links in Markdown itself, but neither at anchors nor at what stands around a page.
 */
export function deadLinks(base: string): readonly string[] {
  const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html'))
    .map((file) => join(DIST, file))
  const pages = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]))
  const anchors = new Map([...pages].map(([file, html]) => [file, anchorsOf(html)]))
  return [...pages].flatMap(([file, html]) => {
    const path = file.slice(DIST.length + 1).replace(/(^|\/)index\.html$/, '$1')
    return linksOf(html)
      .filter((href) => {
        const { origin, pathname, hash } = new URL(href, `${ORIGIN}${base}${path}`)
        if (origin !== ORIGIN) return false
        const target = fileOf(decodeURIComponent(pathname))
        if (target === null) return true
        const anchor = decodeURIComponent(hash.slice(1))
        return anchor !== '' && anchors.get(target)?.has(anchor) === false
      })
      .map((href) => `${path}: a link leads nowhere · ${href}`)
  })
}

function linksOf(html: string): readonly string[] {
  const links = [...html.matchAll(/<a\b[^>]*\shref="([^"]+)"/g)].map(([, href = '']) => href)
  return [...new Set(links.map((href) => href.replaceAll('&amp;', '&')))]
}

function anchorsOf(html: string): ReadonlySet<string> {
  return new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => id))
}
