import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeTables } from '../../scripts/code-tables.ts'
import { generatedBlocks } from '../../scripts/markdown-table.ts'
import { CONFIG_CODES } from '../../src/config/document/codes.ts'
import { VALUE_CODES } from '../../src/braze/codes.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..', '..')
const page = readFileSync(join(ROOT, 'docs', 'errors.md'), 'utf8')
const documented = [...page.matchAll(/^\| `([A-Z][A-Z0-9_]+)` +\|/gm)].map(([, code]) => code)

/** Names of environment variables look like codes. */
const VARIABLE = /^(?:BRAZE_\w+_KEY|SEGMENT_\w+_TOKEN|WEBHOOK_(?:SECRET|TOKEN))$/
/** Texts in the sources that are codes by their form. */
const CODE =
  /'((?:SOURCE|RECORD|SKIPPED|PROFILE|WEBHOOK|SPACE|SEGMENT|BRAZE|DESTINATION|STATE|CONFIG|SECRET|SELECT|USAGE|PLAN|GUARD|IDENTITY|PENDING|PRIVACY|SIMULATOR|SERVE|OUTPUT|DELIVERED|ATTRIBUTE|NOTIFY|TELEMETRY|RUN)_[A-Z0-9_]+|INTERNAL|INTERRUPTED)'/g
/** Tables of codes have them as keys. */
const CODE_KEY = /^ {2}((?:RECORD|SKIPPED|SEGMENT)_[A-Z0-9_]+): '/gm

function codesInSources(): ReadonlySet<string> {
  const texts = ['segment', 'braze', 'braze-simulator', 'runner', 'core', 'contract'].flatMap(
    (name) => {
      const directory = join(ROOT, 'packages', name, 'src')
      return readdirSync(directory, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts'))
        .map((path) => readFileSync(join(directory, path), 'utf8'))
    },
  )
  const found = texts.flatMap((text) =>
    [...text.matchAll(CODE), ...text.matchAll(CODE_KEY)].map(([, code]) => code),
  )
  return new Set([
    ...found.filter((code) => !VARIABLE.test(code)),
    ...Object.keys(CONFIG_CODES),
    ...Object.keys(VALUE_CODES),
  ])
}

describe('docs/errors.md', () => {
  const given = codesInSources()

  it('has the tables that the codes of this package give (npm run schema -w packages/core)', () => {
    const blocks = generatedBlocks(page, 'codes')

    expect([...blocks.keys()].toSorted()).toEqual([...codeTables().keys()].toSorted())
    for (const [group, table] of codeTables()) expect(blocks.get(group)).toContain(`\n${table}\n`)
  })

  it('has every code that any package gives', () => {
    expect([...given].filter((code) => !documented.includes(code)).toSorted()).toEqual([])
  })

  it('has no other code', () => {
    expect(documented.filter((code) => !given.has(code))).toEqual([])
  })

  it('explains each code in one table, unless two parts give it', () => {
    const twice = documented.filter((code, index) => documented.indexOf(code) !== index)

    expect(twice.toSorted()).toEqual(['CONFIG_UNKNOWN_ENVIRONMENT', 'SOURCE_NEEDS_SEGMENT'])
  })
})
