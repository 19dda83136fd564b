import { startSimulator } from '@engage-sync/braze-simulator'
import { describe, expect, it, onTestFinished } from 'vitest'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const SYNC = `version: 1
source: engage
traits:
  categories: { attribute: categories, type: array, array: update }
  sizes: { attribute: sizes, type: array }
  cart: { attribute: cart, type: array, id: sku }
  ltv: ltv
audiences:
  vip: { attribute: { name: flags, element: vip } }
  lapsed: { attribute: { name: flags, element: lapsed } }
`

/** A project that was run once over a Braze that others can write to. */
async function afterARun(...lines: readonly string[]) {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => simulator.close())
  const { root, write } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: "${simulator.url}", api_key: simulator, settle: 0s }
    sources: { engage: { events: data/*.ndjson } }
`,
    'configs/shoppers.yaml': SYNC,
    'data/1.ndjson': lines.join(''),
  })
  const call = (line: string) => runCommand(line.split(' '), { cwd: root })
  expect((await call('run')).code).toBe(0)
  return {
    call,
    write,
    json: async (line: string) => JSON.parse((await call(`${line} --format json`)).out),
    async segment(form: object) {
      await fetch(`${simulator.url}/simulator/segments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(form),
      })
    },
    /** Somebody else writes to Braze. */
    async meddle(...attributes: readonly object[]) {
      const { status } = await fetch(`${simulator.url}/users/track`, {
        method: 'POST',
        headers: { authorization: 'Bearer simulator', 'content-type': 'application/json' },
        body: JSON.stringify({ attributes }),
      })
      expect(status).toBe(201)
    },
  }
}

describe('verify --members', () => {
  /** A segment of those who have `vip` in an array, as one would make it in the dashboard. */
  const VIPS = {
    id: 'vips',
    name: 'VIPs',
    filter: {
      custom_attribute: {
        custom_attribute_name: 'flags',
        comparison: 'includes_value',
        value: 'vip',
      },
    },
  }
  const compare = 'verify --members shoppers:audiences.vip --segment vips'

  it('finds who is a member on one side alone, and puts right whom it knows', async () => {
    const { call, json, meddle, segment } = await afterARun(
      audienceLine('ada', 'vip', true),
      audienceLine('bob', 'vip', true),
      audienceLine('cyd', 'vip', true),
      audienceLine('cyd', 'vip', false, 1),
    )
    await segment(VIPS)
    expect(await call(compare)).toMatchObject({
      code: 0,
      out: 'Compared the 2 members of shoppers:audiences.vip with 2 users of the segment.\n  2  in both\n',
    })
    await meddle(
      { external_id: 'bob', flags: [] },
      { external_id: 'cyd', flags: ['vip'] },
      { external_id: 'dan', flags: ['vip'] },
    )

    const { code, out } = await call(compare)
    const shown = await call(`${compare} --show-values`)

    expect(code).toBe(1)
    expect(out).toContain('the 2 members of shoppers:audiences.vip with 3 users of the segment')
    expect(out).not.toMatch(/ada|bob|cyd|dan/)
    expect(shown.out).toMatch(/bob +not in the segment\n +cyd +no member here\n +dan +not known/)
    expect(await json(compare)).toMatchObject({ same: 1, only_here: 1, only_there: 1, unknown: 1 })
    await call(`${compare} --repair`)
    expect(await json(compare)).toMatchObject({ same: 2, only_here: 0, only_there: 0, unknown: 1 })
  })

  it('names what is missing, and what it does not know', async () => {
    const { call } = await afterARun(audienceLine('ada', 'vip', true))

    expect((await call('verify --segment vips')).err).toContain('USAGE_VERIFY')
    expect((await call('verify --members shoppers:audiences.vip')).err).toContain('USAGE_VERIFY')
    const { code, err } = await call('verify --members shoppers:audiences.vpi --segment vips')
    expect([code, err]).toEqual([
      2,
      expect.stringContaining('Did you mean "shoppers:audiences.vip"?'),
    ])
  })
})

describe('verify', () => {
  it('takes the order of elements for nothing where they come and go one by one', async () => {
    const { call, write, json } = await afterARun(
      traitLine('ada', 'categories', ['coats', 'shoes']),
      traitLine('ada', 'cart', [{ sku: 'a', n: 1 }]),
    )
    write(
      'data/2.ndjson',
      traitLine('ada', 'categories', ['belts', 'coats', 'shoes'], 1) +
        traitLine(
          'ada',
          'cart',
          [
            { sku: 'b', n: 1 },
            { sku: 'a', n: 1 },
          ],
          1,
        ),
    )
    expect((await call('run')).code).toBe(0)

    const { mappings } = await json('verify')

    expect((await call('verify')).code).toBe(0)
    expect(mappings).toEqual([
      { mapping: 'shoppers:traits.cart', compared: 1, different: 0 },
      { mapping: 'shoppers:traits.categories', compared: 1, different: 0 },
    ])
  })

  it('takes the order of an array that is sent whole for its value', async () => {
    const { json, meddle } = await afterARun(traitLine('ada', 'sizes', ['s', 'm']))
    await meddle({ external_id: 'ada', sizes: ['m', 's'] })

    expect((await json('verify')).mappings).toEqual([
      { mapping: 'shoppers:traits.sizes', compared: 1, different: 1 },
    ])
  })

  it('finds an element that came or went, in an array of one mapping or of several', async () => {
    const { call, json, meddle } = await afterARun(
      traitLine('ada', 'categories', ['coats', 'shoes']),
      audienceLine('ada', 'vip', true),
      audienceLine('ada', 'lapsed', false),
      audienceLine('ben', 'vip', true),
    )
    expect((await call('verify')).code).toBe(0)
    await meddle({
      external_id: 'ada',
      categories: { add: ['hats'] },
      flags: { add: ['lapsed', 'of others'], remove: ['vip'] },
    })

    expect((await json('verify')).mappings).toEqual([
      { mapping: 'shoppers:audiences.lapsed', compared: 1, different: 1 },
      { mapping: 'shoppers:audiences.vip', compared: 2, different: 1 },
      { mapping: 'shoppers:traits.categories', compared: 1, different: 1 },
    ])
  })

  it('says who differs, and in what, where that is asked for alone', async () => {
    const { call, json, meddle } = await afterARun(
      traitLine('ada', 'ltv', 7),
      traitLine('ada', 'categories', ['coats']),
      traitLine('ben', 'ltv', 8),
    )
    await meddle({ external_id: 'ada', ltv: 9, categories: ['hats'] })

    const { out } = await call('verify')
    const shown = await call('verify --show-values')

    expect(out).toContain('--show-values')
    expect(out).not.toMatch(/ada|hats/)
    expect(await json('verify')).not.toHaveProperty('differences')
    expect(shown.out).toMatch(
      /ada\s+shoppers:traits.categories\s+delivered \["coats"\], holds \["hats"\]/,
    )
    expect(shown.out).toMatch(/ada\s+shoppers:traits.ltv\s+delivered another value, holds 9/)
    expect((await json('verify --show-values')).differences).toEqual([
      { user: 'ada', mapping: 'shoppers:traits.categories', delivered: ['coats'], holds: ['hats'] },
      { user: 'ada', mapping: 'shoppers:traits.ltv', holds: 9 },
    ])
  })

  it('repairs those who differ, and nobody else', async () => {
    const { call, json, meddle } = await afterARun(
      traitLine('ada', 'ltv', 7),
      traitLine('ben', 'ltv', 8),
    )
    await meddle({ external_id: 'ada', ltv: 9 })

    const repaired = await call('verify --repair')
    const again = await json('verify --repair')

    expect(repaired.code).toBe(0)
    expect(repaired.out).toMatch(/different.*ltv[\s\S]*\b1 +attributes/)
    expect(again).toMatchObject({ mappings: [{ compared: 2, different: 0 }], repair: null })
    expect((await json('history')).runs).toHaveLength(2)
  })
})
