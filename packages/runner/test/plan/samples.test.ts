import { describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/plan/view.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const SYNC = `version: 1
source: engage
traits:
  city: city
  worth: { attribute: worth, type: number }
audiences:
  vip: { attribute: { name: flags, element: vip }, on_exit: false, cohort: VIPs }
  away: { attribute: away, on_exit: unset }
`

function projectFile(more = ''): string {
  return `version: 1\nenvironments:\n  local: { braze: { endpoint: simulator }, sources: { engage: { events: data/*.ndjson } }${more} }\n`
}

/** Somebody with a value, a membership and a flag, all of which change or end. */
async function makeChanged(more = '') {
  const { root, write } = makeProject({
    'configs/engage-sync.yaml': projectFile(more),
    'configs/shoppers.yaml': SYNC,
    'data/a.ndjson': [
      traitLine('ada.lovelace', 'city', 'London'),
      audienceLine('ada.lovelace', 'vip', true),
      audienceLine('ada.lovelace', 'away', true),
    ].join(''),
  })
  const call = (...argv: readonly string[]) => runCommand(argv, { cwd: root })
  await call('run')
  const b = [
    traitLine('ada.lovelace', 'city', 'Paris', 5),
    traitLine('ada.lovelace', 'worth', 7.25, 5),
    audienceLine('ada.lovelace', 'vip', false, 5),
    audienceLine('ada.lovelace', 'away', false, 5),
  ]
  write('data/b.ndjson', b.join(''))
  return { write, call }
}

async function samplesOf(call: (...argv: string[]) => Promise<{ out: string }>) {
  return (JSON.parse((await call('plan', '--format', 'json')).out) as PlanView).samples
}

describe('users of a plan', () => {
  it('are told before and after, without a value', async () => {
    const { call } = await makeChanged()

    const samples = await samplesOf(call)
    const { out } = await call('plan')
    const { out: markdown } = await call('plan', '--format', 'markdown')

    expect(samples).toEqual([
      {
        user: 'ad…ce',
        attributes: [
          { name: 'city', before: 'another value', value: 'string' },
          { name: 'worth', before: 'nothing', value: 'number' },
          { name: 'flags[vip]', before: 'true', value: 'false' },
          { name: 'away', before: 'true', value: 'unset' },
        ],
        events: [],
        cohorts: [{ name: 'VIPs', member: false }],
      },
    ])
    expect(out).toContain('leaves VIPs, city: another value → a string')
    expect(markdown).toContain('| `ad…ce` | _VIPs_ | member | no member |')
    expect(markdown).toContain('|  | worth | nothing | a number |')
  })

  it('are told with values to those who ask, on the terminal alone', async () => {
    const { call } = await makeChanged(', state: { keep_values: true }')

    const asked = await call('plan', '--show-values', '--also', 'markdown=plan.md')
    const others = await Promise.all(
      ['json', 'markdown', 'github'].map((format) =>
        call('plan', '--show-values', '--format', format),
      ),
    )

    expect(asked.out).toContain('ada.lovelace  leaves VIPs, city: London → Paris')
    for (const { out } of others) expect(out).not.toMatch(/London|Paris|lovelace|7\.25/)
  })

  it('tell the types of kept values to those who do not', async () => {
    const { call } = await makeChanged(', state: { keep_values: true }')

    expect((await samplesOf(call))[0]?.attributes[0]).toEqual({
      name: 'city',
      before: 'string',
      value: 'string',
    })
  })

  it('differ where they can, who leaves first', async () => {
    const { write, call } = await makeChanged()
    const many = Array.from({ length: 20 }, (_, at) => traitLine(`user-${at}`, 'city', 'Rome'))
    write('data/c.ndjson', [...many, audienceLine('user-3', 'vip', true)].join(''))

    const samples = await samplesOf(call)

    expect(samples).toHaveLength(8)
    expect(samples.slice(0, 3).map(({ cohorts }) => cohorts)).toEqual([
      [{ name: 'VIPs', member: false }],
      [{ name: 'VIPs', member: true }],
      [],
    ])
  })
})
