import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './markdown.ts'

const page = readFileSync(join(ROOT, 'docs/scaling.md'), 'utf8')
const [, chapter = ''] = page.split('\n## How it fails\n')
const [table = ''] = chapter.split('\n\n').filter((part) => part.trimStart().startsWith('|'))
const rows = table
  .trim()
  .split('\n')
  .slice(2)
  .map((row) => row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()))

describe('what happens when', () => {
  it('is told of everything that can be gone', () => {
    const told = rows.map(([what]) => what).join('; ')
    const all = ['killed', 'frozen', 'database', 'broker', 'front', '429', 'down', 'disk']

    expect(all.filter((word) => !told.includes(word))).toEqual([])
  })

  it.each(rows)('%s: is shown by tests that are there', (_, __, shown = '') => {
    const links = [...shown.matchAll(/\]\(\.\.\/(\S+) '([^']+)'\)/g)]

    expect(links.length).toBeGreaterThan(0)
    for (const [, path = '', title = ''] of links) {
      expect([path, existsSync(join(ROOT, path))]).toEqual([path, true])
      expect(readFileSync(join(ROOT, path), 'utf8')).toContain(title)
    }
  })
})
