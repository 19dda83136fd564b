import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MAX_COMMENT } from '../../../src/output/formats/markdown.ts'
import { renderPlanMarkdown } from '../../../src/output/plan/markdown.ts'
import type { MappingChange } from '../../../src/plan/changes.ts'
import type { MappingView } from '../../../src/plan/mapping-view.ts'
import type { GuardView, PlanView } from '../../../src/plan/view.ts'
import { audienceLine, makeProject, traitLine } from '../../project.ts'
import { runCommand } from '../../run-command.ts'

const NO_JOB = { commit: null, base: null, url: null }
const RECORDS = {
  read: 9,
  changed: 9,
  unchanged: 0,
  duplicate: 0,
  stale: 0,
  unmapped: 0,
  skipped: 0,
  rejected: 0,
}

function plan(parts: Partial<PlanView> = {}): PlanView {
  return {
    version: 1,
    environment: 'production',
    syncs: ['shop'],
    as_of: '2026-11-29T18:03:00.000Z',
    has_changes: true,
    records: RECORDS,
    values: { ...RECORDS, superseded: 0 },
    users: { seen: 5000, changed: 2515, created: 0, only_existing: 0 },
    configuration: { added: [], changed: [], moved: [], retired: [], orphaned: [] },
    changes: [],
    sync_changes: [],
    cohorts: { created: [], renamed: [] },
    by_hand: [],
    mappings: [],
    base: null,
    braze: {
      requests: 3,
      seconds_at_limit: 1,
      attributes: 1,
      events: 0,
      cohort_adds: 0,
      cohort_removals: 0,
      data_points: 3840,
    },
    budget: { max_data_points: 50_000, share: 0.0768 },
    kinds: { additive: 1, changing: 0, destructive: 0 },
    deletions: 0,
    open_marks: 0,
    unmapped: [],
    reasons: [],
    guards: [],
    samples: [],
    space: [],
    digest: '0123456789abcdef',
    ...parts,
  }
}

function mapping(id: string, parts: Partial<MappingView> = {}): MappingView {
  const counts = {
    users: 5,
    new: 1,
    changed: 2,
    unset: 0,
    events: 0,
    cohort_adds: 0,
    cohort_removals: 0,
    joins: 0,
    leaves: 0,
    data_points: 3,
  }
  return { mapping: id, name: id, members: null, ...counts, ...parts }
}

function change(parts: Partial<MappingChange>): MappingChange {
  return {
    kind: 'changed',
    mapping: 'shop:traits.worth',
    moved_from: null,
    attribute: 'ltv',
    events: [],
    cohort: null,
    recorded: true,
    was_away: false,
    options: [],
    users: 0,
    data_points: 0,
    joins: 0,
    leaves: 0,
    members: null,
    stale_users: null,
    ...parts,
  }
}

const guard: GuardView = {
  guard: 'removals',
  subject: 'shop:segments.fans',
  name: 'Sweater fans',
  planned: 67,
  limit: 50,
  members: 216,
  share: 67 / 216,
  message: 'shop:segments.fans would remove 67 members',
  allow: 'removals=shop:segments.fans',
}

const render = (parts: Partial<PlanView> = {}) => renderPlanMarkdown(plan(parts), NO_JOB)

describe('the comment of a plan', () => {
  it.each<[string, Partial<PlanView>]>([
    ['🛑 engage-sync · production — a guard would stop this', { guards: [guard] }],
    ['🛑 engage-sync · production — 2 guards would stop this', { guards: [guard, guard] }],
    ['✅ engage-sync · production — no change', { has_changes: false }],
    [
      '⚠️ engage-sync · production — 67 users leave Fans',
      { mappings: [mapping('a', { name: 'Fans', cohort_removals: 67 })] },
    ],
    [
      '⚠️ engage-sync · production — ltv stays behind in Braze for 9 users',
      { changes: [change({ kind: 'orphaned', stale_users: 9 })] },
    ],
    [
      '✅ engage-sync · production — 8 users join Fans',
      { mappings: [mapping('a', { name: 'Fans', cohort_adds: 8 })] },
    ],
    ['✅ engage-sync · production — 2,515 users change', {}],
  ])('begins with its marker, then says: %s', (title, parts) => {
    const [marker, , heading] = render(parts).split('\n')

    expect(marker).toBe('<!-- engage-sync:plan:production -->')
    expect(heading).toBe(`### ${title}`)
  })

  it('says users, cost and its share of the budget in one sentence', () => {
    expect(render()).toContain(
      '**2,515 users** of 5,000 would change · **3,840 data points** (7.7% of the 50,000 a run may use)',
    )
  })

  it('calls a small share small, not nothing', () => {
    expect(render({ budget: { max_data_points: 50_000_000, share: 0.0000768 } })).toContain(
      '(<0.1% of the 50,000,000 a run may use)',
    )
  })

  it('says before and after of each change, by the names of Braze', () => {
    const text = render({
      changes: [
        change({
          attribute: 'lifetime_value',
          options: [{ option: 'attribute', before: 'ltv', after: 'lifetime_value' }],
          users: 2515,
          data_points: 2515,
        }),
        change({
          cohort: 'Fans',
          joins: 598,
          leaves: 67,
          options: [{ option: 'when.item.matches', before: 'a|b', after: 'a|b|c' }],
        }),
        change({ kind: 'orphaned', attribute: 'home_city', stale_users: 999 }),
      ],
    })

    expect(text).toContain(
      '| ✏️ **lifetime\\_value** renamed | attribute `ltv` → `lifetime_value` | 2,515 | 2,515 |',
    )
    expect(text).toContain(
      '| ✏️ **Fans** filter | item matches `a\\|b` → `a\\|b\\|c` | +598 −67 | · |',
    )
    expect(text).toContain(
      '**home\\_city** stays behind | stays in Braze for 999 users, and nothing renews it | 999 keep it | · |',
    )
  })

  it('tells what is many times as much in words', () => {
    const many = { ...guard, guard: 'additions' as const, planned: 6392, members: 85, share: 75.2 }
    const text = render({
      guards: [many],
      budget: { max_data_points: 800, share: 4.8 },
    })

    expect(text).toContain('(4.8 times the 800 a run may use)')
    expect(text).toContain('(75 times as many; the guard allows 50)')
  })

  it('says where a workflow lets guards pass', () => {
    const url = 'https://github.com/acme/engage/actions/runs/7'
    const inAction = renderPlanMarkdown(plan({ guards: [guard] }), { ...NO_JOB, url })

    expect(inAction).toContain('under `allow` of the workflow, or plan with:')
    expect(render({ guards: [guard] })).toContain('If that is meant, plan with:')
  })

  it('tells of guards with their share, and one command for all of them', () => {
    const text = render({ guards: [guard, { ...guard, allow: "removals=shop:segments.o'clock" }] })

    expect(text).toContain(
      '**67 of 216 members would leave _Sweater fans_** (31%; the guard allows 50)',
    )
    expect(text).toContain(
      "> engage-sync plan --env production --out plan.json --allow removals=shop:segments.fans --allow 'removals=shop:segments.o'\\''clock'",
    )
  })

  it('is a check list of what is left to do by hand', () => {
    const text = render({
      by_hand: [{ kind: 'filter', mapping: null, text: 'Filters by `ltv`: <go>.', recipe: null }],
    })

    expect(text).toContain('> [!IMPORTANT]')
    expect(text).toContain('> - [ ] Filters by `ltv`: \\<go\\>.')
  })

  it('sums up each sync', () => {
    const text = render({
      mappings: [mapping('a:traits.x'), mapping('a:traits.y'), mapping('b:traits.x')],
    })

    expect(text).toContain('| **a** | **2** | **4** | **·** | **·** | **·** | **·** | **6** |')
    expect(text).toContain('All of it: 3 mappings of 2 syncs')
  })

  it('ends with what it is of, and how it is run', () => {
    const text = renderPlanMarkdown(plan(), {
      commit: '6f5334bfff',
      base: '8f7a60bfff',
      url: 'https://ci.test/1',
    })

    expect(text).toContain(
      '<sub>commit `6f5334b` · base `8f7a60b` · [job](https://ci.test/1) · planned 2026-11-29 18:03 UTC, good until 2026-11-30 18:03 UTC · plan `0123456789ab` · run it: `engage-sync run --env production --plan plan.json`</sub>',
    )
  })

  it('fits however much there is: the least important part is cut, with a count', () => {
    const many = Array.from({ length: 4000 }, (_, index) =>
      mapping(`shop${index % 40}:traits.a_long_name_${index}`),
    )
    const changes = Array.from({ length: 400 }, (_, index) =>
      change({
        attribute: `attribute_${index}`,
        options: [{ option: 'attribute', before: `old_${index}`, after: `new_${index}` }],
      }),
    )
    const guards = Array.from({ length: 100 }, (_, index) => ({
      ...guard,
      allow: `removals=shop:segments.fan_${index}`,
    }))

    const text = render({ mappings: many, changes, guards })

    expect(text.length).toBeLessThanOrEqual(MAX_COMMENT)
    expect(text.match(/\*\*attribute\\_/g)).toHaveLength(400)
    const cut = Number(
      /_and ([\d,]+) more_\n\n<\/details>\n\n<sub>/.exec(text)?.[1].replace(',', ''),
    )
    const shown = text.slice(text.indexOf('All of it')).match(/^\| /gm)!.length - 2
    expect(shown + cut).toBe(4000 + 40)
  })

  it('cuts what is most important, too, when that alone is too much', () => {
    const changes = Array.from({ length: 3000 }, (_, index) =>
      change({ attribute: `attribute_with_a_name_${index}` }),
    )

    const text = render({ changes })

    expect(text.length).toBeLessThanOrEqual(MAX_COMMENT)
    expect(text).toMatch(/\| _and [\d,]+ more_ \|/)
  })

  it('lets no name break out of its place', () => {
    const evil = 'x`|\n| y --> <img src=x> @team [a](b) $c'
    const text = render({
      changes: [
        change({ attribute: evil, options: [{ option: 'attribute', before: evil, after: evil }] }),
      ],
      by_hand: [{ kind: 'filter', mapping: null, text: evil, recipe: null }],
      guards: [{ ...guard, name: evil, allow: `removals=${evil}` }],
    })

    const rows = text.split('\n').filter((line) => line.startsWith('|'))
    expect(new Set(rows.map((row) => row.match(/(?<!\\)\|/g)!.length))).toEqual(new Set([5]))
    expect(
      text
        .split('```')[0]!
        .replaceAll(/\\./g, '')
        .replaceAll(/`[^`\n]*`/g, ''),
    ).not.toMatch(/(?<!\\)<img|(?<!\\)@team/)
  })
})

describe('the title of a plan beside its base', () => {
  const fans = mapping('fans', { cohort_removals: 8 })
  const none = { users: 0, data_points: 0, mappings: [] }
  const all = { users: 8, data_points: 8, mappings: [fans] }
  const titled = (base: PlanView['base']) => render({ mappings: [fans], base }).split('\n\n')[1]

  it('leaves out what new data would do anyway', () => {
    expect(titled(null)).toContain('8 users leave fans')
    expect(titled({ ref: 'main', effect: all, waiting: none, prevented: 0 })).toContain(
      '8 users leave fans',
    )
    expect(titled({ ref: 'main', effect: none, waiting: all, prevented: 0 })).toContain(
      '✅ engage-sync · production — no change of its own',
    )
  })

  it('counts the users of the change alone', () => {
    const effect = { users: 2, data_points: 2, mappings: [mapping('worth')] }
    const base = { ref: 'main', effect, waiting: all, prevented: 0 }

    expect(titled(base)).toContain('— 2 users change')
  })
})

const PROJECT = 'version: 1\nsource: engage\nidentity: { external_id: userId }\n'

describe('plan --format markdown', () => {
  it('is rewritten where the plan fails, and the exit code stays', async () => {
    const { root } = makeProject({
      'configs/shoppers.yaml': `${PROJECT}traits:\n  worth: { attribut: ltv }\n`,
    })

    const { code, out } = await runCommand(['plan', '--format', 'markdown'], { cwd: root })

    expect(code).toBe(2)
    expect(out).toMatch(/^<!-- engage-sync:plan:local -->\n/)
    expect(out).toContain('🛑 engage-sync · local — could not plan: CONFIG\\_INVALID, 1 error')
    expect(out).toContain('configs/shoppers.yaml:5:12')
    expect(out).toContain('5 │   worth: { attribut: ltv }\n               ^^^^^^^^')
  })

  it('tells another cause with its hint', async () => {
    const { root } = makeProject()

    const { code, out } = await runCommand(['plan', '--env', 'nowhere', '--format', 'markdown'], {
      cwd: root,
    })

    expect(code).toBe(2)
    expect(out).toContain('could not plan: CONFIG\\_')
  })

  it('goes into files beside what is printed, and stays right where it fails', async () => {
    const { root, write } = makeProject({ 'data/a.ndjson': traitLine('u1', 'lifetime_value', 1) })
    const args = ['plan', '--also', 'markdown=plan.md', '--also', 'json=view.json']
    const read = (name: string) => readFileSync(join(root, name), 'utf8')

    const { out } = await runCommand(args, { cwd: root })
    const view = JSON.parse(read('view.json')) as PlanView
    const comment = read('plan.md')
    write('configs/shoppers.yaml', 'version: 1\nsource: nowhere\n')
    const failed = await runCommand(args, { cwd: root })

    expect(out).toContain('plan · local')
    expect(view).toMatchObject({ has_changes: true, users: { changed: 1 } })
    expect(comment).toMatch(/^<!-- engage-sync:plan:local -->\n\n### ✅/)
    expect(failed.code).toBe(2)
    expect(read('plan.md')).toContain('could not plan')
    expect(JSON.parse(read('view.json'))).toMatchObject({
      status: 'failed',
      error: { code: 'CONFIG_INVALID' },
    })
  })

  it('refuses a file it cannot write, and a format that is none', async () => {
    const { root } = makeProject()

    expect(
      (await runCommand(['plan', '--also', 'markdown=no/such/dir.md'], { cwd: root })).code,
    ).toBe(2)
    expect((await runCommand(['plan', '--also', 'html=a.html'], { cwd: root })).err).toContain(
      'Expected json=FILE or markdown=FILE',
    )
  })

  it('annotates a guard at the mapping it watches', async () => {
    const users = Array.from({ length: 60 }, (_, index) => `u${index}`)
    const { root, write } = makeProject({
      'data/a.ndjson': users.map((user) => audienceLine(user, 'dormant_shopper', true)).join(''),
    })
    await runCommand(['run'], { cwd: root })
    write(
      'data/b.ndjson',
      users.map((user) => audienceLine(user, 'dormant_shopper', false, 5)).join(''),
    )

    const { out } = await runCommand(['plan', '--format', 'github'], { cwd: root })

    expect(out).toMatch(/^::error file=configs\/shoppers\.yaml,line=8,col=3,title=GUARD_STOPPED::/m)
  })
})
