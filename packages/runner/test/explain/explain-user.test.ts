import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const SYNC = `version: 1
source: engage
traits:
  city: city
  worth: { attribute: worth, type: number, event: Trait Computed }
audiences:
  vip: { attribute: vip, on_exit: false, cohort: VIPs }
  away: { attribute: away }
segments:
  keen:
    when:
      all:
        - { trait: city, equals: London }
        - { audience: away, equals: true }
        - { event: Trait Computed, more_than: 2 }
    cohort: Keen
`

async function makeRun(more = '') {
  const { root, write } = makeProject({
    'configs/engage-sync.yaml': `version: 1\nenvironments:\n  local: { braze: { endpoint: simulator }, sources: { engage: { events: data/*.ndjson } }${more} }\n`,
    'configs/shoppers.yaml': SYNC,
    'data/a.ndjson': [
      traitLine('ada.lovelace', 'city', 'London'),
      traitLine('ada.lovelace', 'worth', 12.5),
      audienceLine('ada.lovelace', 'vip', false),
      traitLine('grace.hopper', 'worth', 'high'),
    ].join(''),
  })
  const call = (...argv: readonly string[]) => runCommand(argv, { cwd: root })
  await call('run')
  const edit = (from: string, to: string) => {
    const path = 'configs/shoppers.yaml'
    write(path, readFileSync(join(root, path), 'utf8').replace(from, to))
  }
  return { call, edit }
}

describe('explain USER', () => {
  it('says mapping by mapping what was sent, and why something was not', async () => {
    const { call } = await makeRun()

    const { out } = await call('explain', 'ada.lovelace')

    expect(out).toMatch(
      /shoppers:traits\.worth\n {4}attribute worth\n {6}a value, digest [0-9a-f]{16} · event of .* · run 1\n {4}event Trait Computed\n {6}sent/,
    )
    expect(out).toMatch(/attribute vip\n {6}false · event of .* · run 1/)
    expect(out).toMatch(/cohort VIPs\n {6}not sent: there was nothing to take back/)
    expect(out).toContain('  shoppers: no record of this user was read for audiences.away')
    expect(out).not.toMatch(/12\.5|lovelace/)
  })

  it('says of each condition what it found', async () => {
    const { call } = await makeRun()

    const { out } = await call('explain', 'ada.lovelace')

    expect(out).toContain(`    by its conditions: no member
      no  all
        yes city equals "London"
        no  away equals true  (no record of it was read)
        no  event "Trait Computed" more_than 2  (1 counted)
`)
  })

  it('shows values that are kept to those who ask', async () => {
    const { call } = await makeRun(', state: { keep_values: true }')

    const hidden = await call('explain', 'ada.lovelace')
    const shown = await call('explain', 'ada.lovelace', '--show-values')

    expect(hidden.out).toContain('--show-values prints those that the state keeps')
    expect(hidden.out).not.toContain('London (is')
    expect(shown.out).toContain('ada.lovelace (external id)')
    expect(shown.out).toMatch(/attribute worth\n {6}12\.5 · /)
    expect(shown.out).toContain('yes city equals "London"  (is "London")')
  })

  it('says that the state keeps no values to those who ask in vain', async () => {
    const { call } = await makeRun()

    const { out } = await call('explain', 'ada.lovelace', '--show-values')

    expect(out).toContain('The state does not keep these values: see keep_values of state.')
  })

  it('says why a value was refused', async () => {
    const { call } = await makeRun()

    const { out } = await call('explain', 'grace.hopper')

    expect(out).toContain(
      'refused, and not tried again: the mapping cannot take it: engage-sync dead-letters',
    )
  })

  it('does not take what was not looked at yet for an answer', async () => {
    const { call, edit } = await makeRun()
    edit('city: city', 'city: town')
    edit('more_than: 2', 'more_than: 0')

    const { out } = await call('explain', 'ada.lovelace')

    expect(out).toMatch(
      /attribute town\n {6}not sent: the mapping changed: the next run looks at it/,
    )
    expect(out).toContain('its conditions are new or changed: the next run looks at them')
    expect(out).not.toContain('more_than 0')
  })

  it('tells what came before a mapping without backfill', async () => {
    const { call, edit } = await makeRun()
    edit('  away: { attribute: away }', '  away: { attribute: away, backfill: false }')
    edit('  city: city', '  city: city\n  plan: { attribute: plan, backfill: false }')

    const { out } = await call('explain', 'ada.lovelace')

    expect(out).toMatch(/attribute plan\n {6}not sent: the mapping is new/)
  })

  it('has the same as data', async () => {
    const { call } = await makeRun()

    const { out } = await call('explain', 'ada.lovelace', '--format', 'json')

    const { users } = JSON.parse(out) as { users: { slots: object[]; segments: object[] }[] }
    expect(users[0]).toMatchObject({
      slots: expect.arrayContaining([
        expect.objectContaining({ target: 'vip', known: 'false', whyNot: null, value: null }),
        expect.objectContaining({ target: 'away', known: null, whyNot: expect.any(String) }),
      ]),
      segments: [{ isBehind: false }],
    })
  })
})
