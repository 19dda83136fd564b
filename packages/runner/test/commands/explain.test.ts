import type { BrazeRecipe } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../run-command.ts'
import { configDirectory, SHOP } from '../temp-directory.ts'

describe('explain SYNC', () => {
  it('shows the sync at a glance', async () => {
    const { code, out } = await runCommand(['explain', 'shop'], {
      cwd: configDirectory({ 'shop.yaml': SHOP }),
    })

    expect(code).toBe(0)
    expect(out).toContain('audience  vip   real time  attribute vip, cohort VIPs')
    expect(out).not.toContain('Create Segment')
  })

  it('prints the recipe of each segment', async () => {
    const { out } = await runCommand(['explain', 'shop', '--braze'], {
      cwd: configDirectory({ 'shop.yaml': SHOP }),
    })

    expect(out).toContain(`segment fans
  In Braze: Audience > Segments > Create Segment, name it "Fans", then add these filters.
    all of these (AND):
      Custom Attributes "ltv" more than 3
      Custom Attributes "vip" is true
`)
  })

  it('gives recipes as data, too', async () => {
    const { out } = await runCommand(['explain', 'shop', '--braze', '--format', 'json'], {
      cwd: configDirectory({ 'shop.yaml': SHOP }),
    })

    const { recipes } = JSON.parse(out) as { recipes: readonly BrazeRecipe[] }
    expect(recipes[0]).toMatchObject({
      key: 'fans',
      name: 'Fans',
      exact: true,
      filters: {
        join: 'AND',
        parts: [
          { filter: { name: 'ltv', operator: 'more than', values: [3] } },
          { filter: { name: 'vip' } },
        ],
      },
    })
  })

  it('writes Markdown whose tables hold together', async () => {
    const { out } = await runCommand(['explain', 'shop', '--braze', '--format', 'markdown'], {
      cwd: configDirectory({ 'shop.yaml': SHOP }),
    })

    const rows = out.split('\n').filter((line) => line.startsWith('|'))
    expect(new Set(rows.map((row) => row.match(/(?<!\\)\|/g)!.length))).toEqual(new Set([5]))
    expect(out).toContain('### fans\n')
    expect(out.match(/^```/gm)).toHaveLength(4)
  })
})
