import { describe, expect, it } from 'vitest'
import { runCommand } from '../run-command.ts'
import { configDirectory, SHOP } from '../temp-directory.ts'

const call = (
  kind: string,
  key: string,
  value: unknown,
  who: object = { userId: 'ada-lovelace' },
) => ({
  type: 'identify',
  ...who,
  messageId: `m-${key}-${JSON.stringify(value)}`,
  timestamp: '2026-01-05T10:00:00.000Z',
  context: {
    personas: {
      computation_class: kind,
      computation_key: key,
      computation_id: 'x',
      space_id: 'spa_1',
    },
  },
  traits: { [key]: value, email: 'ada@example.org' },
})

interface Debugged {
  readonly version: number
  readonly records: readonly {
    readonly class: string
    readonly event: { readonly key: string; readonly user: string | null } | null
    readonly mappings: readonly string[]
    readonly unmapped: readonly string[]
    readonly rejected: readonly { readonly code: string; readonly mapping: string | null }[]
    readonly reasons: readonly { readonly code: string }[]
    readonly anonymous: boolean
    readonly requests: readonly {
      readonly path: string
      readonly body: unknown
      readonly answers: readonly string[] | null
    }[]
  }[]
  readonly not_looked_at: number
}

/** No double holds it. */
const LONG = '9007199254740993'

async function debug(
  events: unknown,
  ...argv: string[]
): Promise<{ code: number; out: string; debugged: Debugged }> {
  const stdin = typeof events === 'string' ? events : JSON.stringify(events)
  const { code, out } = await runCommand(['debug', '--format', 'json', ...argv], {
    cwd: configDirectory({ 'shop.yaml': SHOP }),
    stdin,
  })
  return { code, out, debugged: JSON.parse(out) as Debugged }
}

describe('debug', () => {
  it('shows what came in, what was mapped, and the exact request', async () => {
    const { code, debugged } = await debug([call('trait', 'ltv', '7')], '--show-values')

    expect(code).toBe(0)
    expect(debugged.records).toMatchObject([
      {
        class: 'changed',
        event: {
          kind: 'trait',
          key: 'ltv',
          call: 'identify',
          time: '2026-01-05T10:00:00.000Z',
          user: 'ada-lovelace',
        },
        mappings: ['shop:traits.ltv', 'shop:segments.gone'],
        requests: [
          {
            path: '/users/track',
            body: {
              attributes: [{ external_id: 'ada-lovelace', ltv: 7 }],
              events: [
                {
                  external_id: 'ada-lovelace',
                  name: 'Trait Computed',
                  properties: { trait_key: 'ltv', ltv: 7 },
                },
              ],
            },
            answers: null,
          },
        ],
      },
    ])
  })

  it('hides who it is and what is known of them, unless asked to show it', async () => {
    const { out, debugged } = await debug([
      call('trait', 'ltv', 4711),
      call('audience', 'vip', true),
    ])

    expect(out).not.toMatch(/lovelace|example\.org|4711/)
    expect(debugged.records[0]).toMatchObject({
      event: { user: 'ad…ce' },
      requests: [
        {
          body: {
            attributes: [{ external_id: '<text of 12>', ltv: '<number>' }],
            events: [{ name: 'Trait Computed', time: '2026-01-05T10:00:00.000Z' }],
          },
        },
      ],
    })
    expect(debugged.records[1]).toMatchObject({
      requests: [
        { body: { attributes: [{ vip: true }] } },
        { body: { cohort_id: 'engage-sync:shop:vip' } },
        { body: { cohort_id: 'engage-sync:shop:fans' } },
      ],
    })
  })

  it('compares an event with those before it', async () => {
    const { debugged } = await debug([call('trait', 'ltv', 1), call('trait', 'ltv', 1)])

    expect(debugged.records.map(({ class: name, requests }) => [name, requests.length])).toEqual([
      ['changed', 1],
      ['duplicate', 0],
    ])
  })

  it.each<[string, unknown, number, object]>([
    [
      'a value that cannot be cast',
      call('trait', 'ltv', 'plenty'),
      1,
      { class: 'rejected', rejected: [{ code: 'CAST_NUMBER', mapping: 'shop:traits.ltv' }] },
    ],
    [
      'a key no mapping wants',
      call('trait', 'ltw', 1),
      0,
      { class: 'unmapped', unmapped: ['ltw'] },
    ],
    [
      'what is no event of Engage',
      { type: 'page', userId: 'u', messageId: 'm', timestamp: '2026-01-05T10:00:00Z' },
      0,
      { class: 'skipped', event: null },
    ],
    ['an anonymous user', call('trait', 'ltv', 1, { anonymousId: 'a-1' }), 0, { requests: [] }],
  ])('says what became of %s', async (_what, event, exit, shown) => {
    const { code, debugged } = await debug([event])

    expect(code).toBe(exit)
    expect(debugged.records[0]).toMatchObject(shown)
  })

  it('leaves anonymous users out where the sync knows them by an alias, and says so', async () => {
    const sync = SHOP.replace(
      'tags: [shop]',
      'identity: { external_id: userId, alias: { from: anonymousId, label: anon } }',
    )
    const stdin = JSON.stringify([
      call('trait', 'ltv', 1, { anonymousId: 'a-1' }),
      call('trait', 'ltv', 1),
    ])
    const cwd = configDirectory({ 'shop.yaml': sync })
    const { out } = await runCommand(['debug', '--format', 'json', '--send'], { cwd, stdin })
    const human = await runCommand(['debug'], { cwd, stdin })

    expect(
      (JSON.parse(out) as Debugged).records.map(({ anonymous, requests }) => [
        anonymous,
        requests.length,
      ]),
    ).toEqual([
      [true, 0],
      [false, 1],
    ])
    expect(human.out).toContain('left out  the user is anonymous')
  })

  it('keeps the digits a run would keep', async () => {
    const value = JSON.stringify(call('trait', 'ltv', 12345)).replaceAll('12345', LONG)
    const user = JSON.stringify(call('trait', 'ltv', 7)).replace('"ada-lovelace"', LONG)

    const { debugged } = await debug(`${value}\n${user}`, '--show-values')

    expect(debugged.records[0].rejected).toMatchObject([{ code: 'CAST_NUMBER' }])
    expect(debugged.records[1].event?.user).toBe(LONG)
    expect(debugged.records[1].requests[0].body).toMatchObject({
      attributes: [{ external_id: LONG }],
    })
  })

  it('takes one event over several lines', async () => {
    const { debugged } = await debug(JSON.stringify(call('trait', 'ltv', 1), null, 2))

    expect(debugged.records).toHaveLength(1)
  })

  it('looks at a few, and says how many are left', async () => {
    const { debugged } = await debug(
      Array.from({ length: 25 }, (_, index) => call('trait', 'ltv', index)),
    )

    expect([debugged.records.length, debugged.not_looked_at]).toEqual([20, 5])
  })

  it('sends to the Braze of the environment when asked to, and shows the answers', async () => {
    const { code, debugged } = await debug(
      [call('trait', 'ltv', 1), call('audience', 'vip', true)],
      '--send',
    )

    expect(code).toBe(0)
    expect(debugged.records.map(({ requests }) => requests.map(({ answers }) => answers))).toEqual([
      [['accepted', 'accepted']],
      [['accepted'], ['accepted']],
    ])
  })

  it('lays it out for a person', async () => {
    const { out } = await runCommand(['debug'], {
      cwd: configDirectory({ 'shop.yaml': SHOP }),
      stdin: JSON.stringify(call('audience', 'vip', true)),
    })

    expect(out).toContain(
      '1  audience vip  changed\n  came    identify of 2026-01-05T10:00:00.000Z, user ad…ce\n  mapped  shop:audiences.vip  attribute vip, cohort VIPs\n',
    )
    expect(out).toContain('    POST /users/track\n')
    expect(out).toContain(
      'values hidden: --show-values shows them · nothing sent: --send sends it\n',
    )
  })
})
