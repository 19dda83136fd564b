/* Draws docs/growth.svg from docs/growth.json. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Growth } from './growth.ts'
import { drawGrowth } from './growth-picture.ts'

const DOCS = join(import.meta.dirname, '../../../docs')
const growth = JSON.parse(await readFile(join(DOCS, 'growth.json'), 'utf8')) as Growth
await writeFile(join(DOCS, 'growth.svg'), drawGrowth(growth))
