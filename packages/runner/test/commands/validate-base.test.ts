import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { gitIn } from '../git.ts'
import { makeProject } from '../project.ts'
import { runCommand } from '../run-command.ts'

interface Compared {
  readonly base: {
    readonly changes: readonly Record<string, unknown>[]
    readonly sync_changes: readonly Record<string, unknown>[]
    readonly by_hand: readonly { readonly text: string }[]
  }
}

const SHOP = `version: 1
source: engage
traits:
  worth: { attribute: ltv, type: number }
  plan: plan
  city: city
audiences:
  vip: { attribute: vip, cohort: VIPs }
`

/** A project whose only sync is committed. */
function makeCommitted(files: Readonly<Record<string, string>> = {}) {
  const { root, write } = makeProject({ 'configs/shoppers.yaml': SHOP, ...files })
  const git = gitIn(root)
  for (const args of [['init'], ['add', 'configs'], ['commit', '-m', 'configs']]) git(...args)
  const call = (...flags: readonly string[]) =>
    runCommand(['validate', '--base', 'HEAD', ...flags], { cwd: root })
  const edit = (from: string, to: string) => {
    const path = 'configs/shoppers.yaml'
    write(path, readFileSync(join(root, path), 'utf8').replace(from, to))
  }
  const compared = async (...flags: readonly string[]) =>
    (JSON.parse((await call('--format', 'json', ...flags)).out) as Compared).base
  return { root, write, git, call, edit, compared }
}

describe('validate --base', () => {
  it('says that nothing changed where nothing did', async () => {
    const { call, compared } = makeCommitted()

    expect(await compared()).toEqual({ ref: 'HEAD', changes: [], sync_changes: [], by_hand: [] })
    expect((await call()).out).toContain('none of what is sent to Braze')
    expect((await call('--format', 'markdown')).out).toContain('### ✅ engage-sync — no change')
  })

  it('claims nothing of changes where no commit was named', async () => {
    const { root } = makeCommitted()

    const { out } = await runCommand(['validate', '--format', 'markdown'], { cwd: root })

    expect(out).toContain('### ✅ engage-sync — no errors in the configuration')
    expect(out).toContain('`--base REF`')
    expect(out).not.toContain('corrected')
  })

  it('tells each change old and new, and what stays in Braze, without counts', async () => {
    const { edit, compared } = makeCommitted()
    edit('attribute: ltv', 'attribute: clv')
    edit('cohort: VIPs', 'cohort: Best')
    edit('  city: city\n', '')
    edit('source: engage\n', 'source: engage\nidentity: { external_id: email }\n')

    const { changes, sync_changes: whole, by_hand: steps } = await compared()

    expect(changes).toMatchObject([
      {
        kind: 'changed',
        mapping: 'shoppers:audiences.vip',
        options: [{ before: 'VIPs', after: 'Best' }],
      },
      { kind: 'orphaned', mapping: 'shoppers:traits.city', attribute: 'city' },
      {
        kind: 'changed',
        mapping: 'shoppers:traits.worth',
        options: [{ before: 'ltv', after: 'clv' }],
      },
      { kind: 'orphaned', mapping: 'shoppers:traits.worth', attribute: 'ltv' },
    ])
    expect(Object.keys(changes[0] ?? {})).not.toContain('users')
    expect(whole).toMatchObject([
      {
        sync: 'shoppers',
        options: [{ option: 'identity.external_id', before: 'userId', after: 'email' }],
      },
    ])
    expect(steps.map(({ text }) => text).join('\n')).toMatch(
      /filter by `city`: nothing fills it[^]*filter by `ltv`: point them at `clv`[^]*`VIPs` shows up as `Best`/,
    )
  })

  it('leaves nothing behind that moves, is retired, or is filled by another mapping', async () => {
    const { write, call, compared } = makeCommitted()
    write(
      'configs/shoppers.yaml',
      `version: 1
source: engage
traits:
  value: { attribute: ltv, type: number }
  tier: plan
audiences:
  best: { attribute: vip, cohort: VIPs }
moved: [{ from: audiences.vip, to: audiences.best }]
retire: [{ attribute: city, by: unset }]
`,
    )

    const { changes, by_hand: steps } = await compared()

    expect(steps.map(({ text }) => text).join('\n')).not.toContain('nothing fills it')
    expect((await call()).out).toContain('shoppers:traits.plan  is gone, and leaves nothing behind')
    expect(changes.map(({ kind, mapping, attribute }) => [kind, mapping, attribute])).toEqual([
      ['moved', 'shoppers:audiences.best', 'vip'],
      ['retired', 'shoppers:traits.city', 'city'],
      ['orphaned', 'shoppers:traits.plan', null],
      ['added', 'shoppers:traits.tier', 'plan'],
      ['added', 'shoppers:traits.value', 'ltv'],
      ['orphaned', 'shoppers:traits.worth', null],
    ])
  })

  it('shows mistakes instead of changes', async () => {
    const { edit, call } = makeCommitted()
    edit('traits:\n', 'trait:\n')

    const { code, out } = await call('--format', 'markdown')

    expect(code).toBe(2)
    expect(out).toContain('### 🛑 engage-sync — 1 error in the configuration')
    expect(out).toContain('**configs/shoppers.yaml:3:1**')
    expect(out).not.toContain('before → after')
  })

  it('tells a sync that is new, one that is gone, and only what was chosen', async () => {
    const { write, git, compared } = makeCommitted()
    git('rm', '--quiet', '--force', 'configs/shoppers.yaml')
    write('configs/other.yaml', 'version: 1\nsource: engage\ntraits: { colour: colour }\n')

    const all = await compared()
    const chosen = await compared('--select', 'other')

    expect(all.changes.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['added', 'orphaned']),
    )
    expect(chosen.changes.map(({ mapping }) => mapping)).toEqual(['other:traits.colour'])
  })

  it('looks at every environment, and tells once what is the same in all', async () => {
    const local = 'braze: { endpoint: simulator }, sources: { engage: { events: a.ndjson } }'
    const { edit, compared } = makeCommitted({
      'configs/engage-sync.yaml': `version: 1\nenvironments:\n  local: { ${local} }\n  other: { ${local} }\n`,
    })
    edit('attribute: ltv', 'attribute: clv')

    expect((await compared()).changes).toHaveLength(2)
  })

  it('says that git does not know a commit', async () => {
    const { root } = makeCommitted()

    const { code, err } = await runCommand(['validate', '--base', 'no-such'], { cwd: root })

    expect(code).toBe(2)
    expect(err).toContain('SELECT_GIT')
  })
})
