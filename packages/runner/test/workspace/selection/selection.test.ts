import { describe, expect, it } from 'vitest'
import { runCommand } from '../../run-command.ts'
import { configDirectory, SHOP, writeFiles } from '../../temp-directory.ts'

const OTHER = `version: 1
source: engage
tags: [other]
traits: { orders: { attribute: orders, type: integer } }
`

async function selected(cwd: string, ...words: string[]): Promise<readonly string[]> {
  const { out } = await runCommand(['validate', '--format', 'json', '--select', ...words], { cwd })
  return (JSON.parse(out) as { syncs: readonly { name: string }[] }).syncs.map(({ name }) => name)
}

describe('--select changed', () => {
  it('compares the meaning of each sync with what the last run knew', async () => {
    const cwd = configDirectory({ 'shop.yaml': SHOP, 'other.yaml': OTHER })
    writeFiles(cwd, { 'data/empty.ndjson': '' })
    const before = await selected(cwd, 'changed')
    expect((await runCommand(['run'], { cwd })).code).toBe(0)
    const after = await selected(cwd, 'changed')
    writeFiles(cwd, {
      'configs/other.yaml': OTHER.replace('integer', 'number'),
      'configs/shop.yaml': `# why\n${SHOP}`,
    })

    expect([before, after]).toEqual([['other', 'shop'], []])
    expect(await selected(cwd, 'changed')).toEqual(['other'])
    expect(await selected(cwd, 'changed', 'shop')).toEqual(['other', 'shop'])
  })

  it('takes a sync that lost a mapping for a changed one', async () => {
    const cwd = configDirectory({ 'shop.yaml': SHOP })
    writeFiles(cwd, { 'data/empty.ndjson': '' })
    await runCommand(['run'], { cwd })
    writeFiles(cwd, { 'configs/shop.yaml': SHOP.replace(/ {2}gone.*\n/, '') })

    expect(await selected(cwd, 'changed')).toEqual(['shop'])
  })
})
