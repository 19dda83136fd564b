import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const LOYALTY = `version: 1
description: Who is worth | what
owner: loyalty-team
tags: [loyalty]
source: engage
identity: { external_id: userId }
traits:
  tier: { attribute: tier, type: string, description: 'One of <gold>' }
  seen_at: { attribute: seen_at, type: time, event: Seen "it" }
audiences:
  vip: { attribute: vip, cohort: VIPs }
segments:
  lapsed:
    when: { all: [{ trait: seen_at, more_than_days_ago: 60 }, { audience: vip, equals: true }, { event: 'Seen "it"', more_than: 1 }] }
    cohort: Lapsed
`

function project() {
  const { root, write } = makeProject({
    'configs/loyalty.yaml': LOYALTY,
    'data/a.ndjson':
      traitLine('ada', 'lifetime_value', 12) + audienceLine('ada', 'dormant_shopper', true),
  })
  const run = (line: string) => runCommand(line.split(' '), { cwd: root })
  const read = async () => {
    const { syncs, period } = JSON.parse((await run('catalog --format json')).out) as Catalog
    const entries = new Map(
      syncs.flatMap((sync) => sync.entries.map((entry) => [entry.mapping, entry])),
    )
    return { syncs, period, entries }
  }
  return { root, write, run, read }
}

function git(root: string, ...words: readonly string[]): void {
  const who = ['-c', 'user.name=grace', '-c', 'user.email=grace@acme.test']
  const env = { ...process.env, GIT_COMMITTER_DATE: '2026-03-02T09:30:00Z' }
  execFileSync('git', [...who, ...words], { cwd: root, env, stdio: 'ignore' })
}

describe('catalog as data', () => {
  it('says of each mapping where it comes from and goes, who owns it, and whether it is real time', async () => {
    const { read } = project()

    const { syncs, entries, period } = await read()

    expect(period).toBeNull()
    expect(syncs.map(({ name, owner, source }) => ({ name, owner, source }))).toEqual([
      { name: 'loyalty', owner: 'loyalty-team', source: 'engage' },
      { name: 'shoppers', owner: null, source: 'engage' },
    ])
    expect(entries.get('loyalty:segments.lapsed')).toMatchObject({
      kind: 'segment',
      cohort: 'Lapsed',
      real_time: false,
      reads: ['loyalty:traits.seen_at', 'loyalty:audiences.vip'],
      counts: ['Seen "it"'],
      data_points: null,
      last_change: null,
    })
    expect(entries.get('shoppers:traits.lifetime_value')).toMatchObject({
      type: 'number',
      attribute: 'ltv',
      events: ['Trait Computed'],
      real_time: true,
      reads: [],
    })
  })

  it('adds what runs cost, and members', async () => {
    const { run, read } = project()
    await run('run')

    const { period, entries } = await read()

    expect(period).toEqual({ days: 30, runs: 1 })
    expect(entries.get('shoppers:traits.lifetime_value')?.data_points).toBe(2)
    expect(entries.get('shoppers:audiences.dormant_shopper')?.members).toBe(1)
    expect(entries.get('loyalty:traits.tier')).toMatchObject({ data_points: 0, members: null })
  })

  it('tells from git when the lines of a mapping were changed last', async () => {
    const { root, write, read } = project()
    git(root, 'init', '-q')
    git(root, 'add', 'configs')
    git(root, 'commit', '-qm', 'configs')
    write('configs/loyalty.yaml', LOYALTY.replace('attribute: tier', 'attribute: level'))

    const { entries } = await read()

    expect(entries.get('loyalty:traits.tier')?.last_change).toMatchObject({ commit: null })
    expect(entries.get('loyalty:segments.lapsed')?.last_change).toEqual({
      at: '2026-03-02T09:30:00.000Z',
      commit: expect.stringMatching(/^[0-9a-f]{12}$/),
    })
  })
})

describe('catalog for people', () => {
  it('draws the lineage for Mermaid, with texts that stay texts', async () => {
    const { run } = project()

    const { out } = await run('catalog --format markdown')

    expect(out).toContain('["event: Seen #34;it#34;"]')
    expect(out).toMatch(/n\d+ --> n\d+/)
    expect(out).toContain('Who is worth \\| what')
    expect(out).toContain('| lapsed (segment) |')
  })

  it('draws it in a page, beside a table and what fills each name in Braze', async () => {
    const { root, run } = project()

    const { code, out } = await run('catalog --out catalog.html')

    expect({ code, out }).toEqual({ code: 0, out: 'Wrote the catalogue to catalog.html.\n' })
    const page = readFileSync(join(root, 'catalog.html'), 'utf8')
    expect(page).toContain('What goes where: 8 mappings into 14 names in Braze')
    expect(page.match(/class="edge"/g)?.length).toBe(19)
    expect(page).toContain('One of &lt;gold&gt;')
    expect(page).not.toContain('One of <gold>')
  })
})
