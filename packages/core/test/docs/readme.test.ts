import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import * as core from '../../src/index.ts'

const PACKAGE = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(PACKAGE, 'README.md'), 'utf8')
const block = (language: string) =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)![1]

it('has an example that runs and prints what it says', () => {
  const flags = [
    '--conditions=engage-sync-source',
    '--input-type=module-typescript',
    '--eval',
    block('ts'),
  ]

  expect(execFileSync(process.execPath, flags, { cwd: PACKAGE, encoding: 'utf8' })).toBe(
    block('text'),
  )
})

it('names functions that exist', () => {
  const table = page.slice(page.indexOf('## What there is'), page.indexOf('## Errors'))
  const named = [...table.matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  )

  expect(named.filter((name) => !(name in core))).toEqual([])
  expect(named.length).toBeGreaterThan(8)
})
