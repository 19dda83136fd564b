import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const PAGE = join(import.meta.dirname, '../../../../docs/glossary.md')

/** Terms with the type and the file the page gives them. */
const terms = readFileSync(PAGE, 'utf8')
  .split('\n')
  .flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim())
    const type = /^`(\w+)`$/.exec(cells[3] ?? '')
    const file = /\]\((.+)\)$/.exec(cells[4] ?? '')
    return type === null || file === null ? [] : [[cells[1], type[1], file[1]] as const]
  })

describe('docs/glossary.md', () => {
  it('has its terms in tables', () => {
    expect(terms.length).toBeGreaterThan(30)
  })

  it.each(terms)('%s is the exported %s', (_, type, file) => {
    const text = readFileSync(join(dirname(PAGE), file), 'utf8')

    expect(text).toMatch(
      new RegExp(`^export (type|interface|class|const|function|async function) ${type}\\b`, 'm'),
    )
  })
})
