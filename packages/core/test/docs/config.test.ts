import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generatedBlocks } from '../../scripts/markdown-table.ts'
import { optionTables } from '../../scripts/option-tables.ts'
import type { ConfigFile } from '../../src/config/document/file-kind.ts'
import { loadConfig } from '../../src/config/load.ts'
import { compileSyncs } from '../../src/mapping/compile.ts'

const page = readFileSync(
  join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'config.md'),
  'utf8',
)
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text)
const BASE: readonly ConfigFile[] = ['engage-sync.yaml', 'shop.yaml'].map((name) => ({
  path: `configs/${name}`,
  text: readFileSync(join(import.meta.dirname, '..', 'fixtures', 'config', 'base', name), 'utf8'),
}))

/** The example as a file, with what it needs beside it. A fragment is a part of a sync. */
function filesFor(example: string): readonly ConfigFile[] {
  const path = /^# (configs\/\S+)/.exec(example)?.[1] ?? 'configs/shop.yaml'
  const text = /^version:/m.test(example) ? example : `version: 1\nsource: engage\n${example}`
  const isSync = !/engage-sync|\.cases\./.test(path)
  return [
    { path, text },
    ...BASE.filter((file) => file.path !== path && !(isSync && file.path.endsWith('shop.yaml'))),
  ]
}

describe('docs/config.md', () => {
  it('has the option tables that the schema gives (npm run schema -w packages/core)', () => {
    const blocks = generatedBlocks(page, 'options')

    expect([...blocks.keys()].toSorted()).toEqual([...optionTables().keys()].toSorted())
    for (const [place, table] of optionTables()) expect(blocks.get(place)).toContain(`\n${table}\n`)
  })

  it.each(examples.map((example, index) => ({ index, example })))(
    'shows what is valid: example $index',
    ({ example }) => {
      const loaded = loadConfig(filesFor(example))

      expect(loaded.diagnostics).toEqual([])
      expect(() => compileSyncs(loaded)).not.toThrow()
    },
  )
})
