import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeTables } from './code-tables.ts'
import { replaceBlocks } from './markdown-table.ts'
import { optionTables } from './option-tables.ts'
import { schemaTexts } from './schema-texts.ts'
import { validatorTexts } from './validator-texts.ts'

// Writes what is generated from the schema and the codes: schema/*.json, src/schema/generated, and tables inside docs/*.md.
const PACKAGE = join(import.meta.dirname, '..')
const DOCS = join(PACKAGE, '..', '..', 'docs')

for (const [name, text] of schemaTexts()) writeFileSync(join(PACKAGE, 'schema', name), text)
for (const [name, text] of validatorTexts())
  writeFileSync(join(PACKAGE, 'src', 'schema', 'generated', name), text)
rewrite(join(DOCS, 'config.md'), (text) => replaceBlocks(text, 'options', optionTables()))
rewrite(join(DOCS, 'errors.md'), (text) => replaceBlocks(text, 'codes', codeTables()))

function rewrite(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}
