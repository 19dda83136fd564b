import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Absolute path of the repository. */
export const ROOT = join(import.meta.dirname, '../../../..')

const SKIPPED = new Set([
  'node_modules',
  'dist',
  'coverage',
  'fixtures',
  '.git',
  '.turbo',
  '.engage-sync',
  'bench-results',
  'generated',
])

/** One page, by its path from the root. */
export interface Page {
  readonly path: string
  readonly text: string
}

/** One fenced block of a page. */
export interface CodeBlock {
  /** `path:line`, of the first line inside. */
  readonly place: string
  readonly language: string
  readonly text: string
}

/** Every Markdown file of the repository. */
export function readPages(): readonly Page[] {
  return filesBelow(ROOT)
    .filter((path) => path.endsWith('.md'))
    .map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, 'utf8') }))
}

/** Files below a directory that belong to the project. */
export function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter(({ name }) => !SKIPPED.has(name))
    .flatMap((entry) => {
      const path = join(directory, entry.name)
      return entry.isDirectory() ? filesBelow(path) : [path]
    })
}

/** The fenced blocks of a page, with the indentation of the fence taken off. */
export function codeBlocks({ path, text }: Page): readonly CodeBlock[] {
  const blocks: CodeBlock[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const fence = /^( *)(`{3,})(\w*)/.exec(lines[at])
    if (fence === null) continue
    const [, indent, ticks, language] = fence
    const end = lines.findIndex((line, index) => index > at && line.trim() === ticks)
    if (end < 0) throw new Error(`${path}:${at + 1}: a code block without an end`)
    const inside = lines
      .slice(at + 1, end)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    blocks.push({ place: `${path}:${at + 2}`, language, text: inside.join('\n') })
    at = end
  }
  return blocks
}

/** Where a page points to, be it written as Markdown or as HTML: pages, images, addresses; code left out. */
export function linksOf({ text }: Page): readonly string[] {
  const prose = text.replace(/^( *)(`{3,})[\s\S]*?^\1\2/gm, '').replace(/`[^`\n]*`/g, '')
  return [
    ...prose.matchAll(/\]\(([^)\s]+)\)/g),
    ...prose.matchAll(/^\[[^\]]+\]: +(\S+)/gm),
    ...prose.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g),
  ].map(([, target]) => target)
}

/** The anchors GitHub gives a page's headings; one that comes again gets a number. */
export function anchorsOf({ text }: Page): ReadonlySet<string> {
  const headings = text.replace(/^( *)(`{3,})[\s\S]*?^\1\2/gm, '').matchAll(/^#{1,6} +(.+)$/gm)
  const anchors = new Map<string, number>()
  for (const [, title] of headings) {
    const anchor = title
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-')
    const times = anchors.get(anchor) ?? 0
    anchors.set(anchor, times + 1)
    if (times > 0) anchors.set(`${anchor}-${times}`, 1)
  }
  return new Set(anchors.keys())
}
