import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { linksOf, readPages, ROOT } from './markdown.ts'

const pages = readPages().filter(({ path }) => /^docs\/[\w-]+\.md$/.test(path))
const names = pages.map(({ path }) => path.replace(/^docs\//, ''))

describe('every page of docs/', () => {
  it('stands in the overview', () => {
    const overview = pages.find(({ path }) => path === 'docs/README.md')!
    const linked = new Set(linksOf(overview).map((target) => target.split('#')[0]))

    expect(names.filter((name) => name !== 'README.md' && !linked.has(name))).toEqual([])
  })

  it('stands at the side of the site', () => {
    const sidebar = readFileSync(join(ROOT, 'docs/site/.vitepress/sidebar.ts'), 'utf8')
    const shown = new Set([...sidebar.matchAll(/'\/([\w-]+)\/?'/g)].map(([, name]) => `${name}.md`))

    expect(names.filter((name) => name !== 'README.md' && !shown.has(name))).toEqual([])
  })
})

it('lists every decision, under its number', () => {
  const list = readFileSync(join(ROOT, 'docs/adr/README.md'), 'utf8')
  const files = readdirSync(join(ROOT, 'docs/adr')).filter((name) => name !== 'README.md')
  const lines = files.map((name) => {
    const title = /^# (.+)$/m.exec(readFileSync(join(ROOT, 'docs/adr', name), 'utf8'))![1]!
    return title.replace(/^(\d+\. )(.+)$/, `$1[$2](${name})`)
  })

  expect([...list.matchAll(/^\d+\. .+$/gm)].map(([line]) => line)).toEqual(lines)
})
