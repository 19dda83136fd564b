import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../run-command.ts'
import { linesOf, missingFrom } from './figures.ts'
import { codeBlocks, readPages, ROOT } from './markdown.ts'

const SHOPPERS = 'configs/shoppers.yaml'

/** The example configuration over its data, where it can be changed. */
let root: string
/** What its first run printed. */
let firstRun: { readonly out: string; readonly err: string }

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'engage-sync-figures-'))
  cpSync(join(ROOT, 'configs'), join(root, 'configs'), { recursive: true })
  symlinkSync(join(ROOT, 'data'), join(root, 'data'))
  firstRun = await runCommand(['run', '--format', 'json'], { cwd: root })
})
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }))

/** The one block of a page that holds a text. */
function blockWith(path: string, text: string): string {
  const found = readPages()
    .filter((page) => page.path === path)
    .flatMap(codeBlocks)
    .filter((block) => block.text.includes(text))
  expect(found.map(({ place }) => place)).toHaveLength(1)
  return found[0].text
}

/** Changes the sync of the shoppers for a while. */
async function changed(from: string, to: string, work: () => Promise<void>): Promise<void> {
  const path = join(root, SHOPPERS)
  const before = readFileSync(path, 'utf8')
  expect(before).toContain(from)
  writeFileSync(path, before.replace(from, to))
  await work().finally(() => writeFileSync(path, before))
}

describe('what the README shows is what the command prints', () => {
  it('validate', () =>
    changed('on_exit', 'on_exti', async () => {
      const { out } = await runCommand(['validate'], { cwd: root })

      expect(linesOf(out)).toEqual(linesOf(blockWith('README.md', 'on_exti')))
    }))

  it('test', async () => {
    const { out } = await runCommand(['test'], { cwd: root })

    expect(linesOf(out)).toEqual(linesOf(blockWith('README.md', 'cases passed')))
  })

  it('plan', () =>
    changed('matches: sweater', 'matches: sweater|scarf', async () => {
      const { out } = await runCommand(['plan'], { cwd: root })

      expect(missingFrom(out, blockWith('README.md', 'plan · local'))).toEqual([])
    }))

  it('explain', async () => {
    const { out } = await runCommand(['explain', 'nora'], { cwd: root })

    expect(missingFrom(out, blockWith('README.md', 'yes event "Trait Computed"'))).toEqual([])
  })
})

it('the report in docs/operating.md is that of the example', () => {
  const shown = JSON.parse(blockWith('docs/operating.md', '"records"')) as object

  expect(JSON.parse(firstRun.out)).toMatchObject(shown)
})
