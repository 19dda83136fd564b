import { afterEach, describe, expect, it } from 'vitest'
import { deliveredTypes } from '../../../src/state/values/values.ts'
import { Bench, compile, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

let bench: Bench
afterEach(() => bench.close())

const said = (values: readonly unknown[], trait = 'tier'): TestEvent[] =>
  values.map((value, index) => ({ user: `u${index}`, at: NOW - 1000 + index, trait, value }))

const told = ({ report }: Awaited<ReturnType<Bench['run']>>) =>
  report.reasons.filter(({ code }) => code.startsWith('DELIVERED_'))

const stored = () => bench.withStore((store) => deliveredTypes.readAll(store))

/** The values one after another, so that the first is first. */
async function runEach(values: readonly unknown[], trait = 'tier') {
  const results = []
  for (const event of said(values, trait)) {
    bench.records.push(event)
    results.push(await bench.run())
  }
  return results
}

describe('types of what is delivered', () => {
  it('are counted by attribute, and told where Braze drops what is of another one', async () => {
    bench = new Bench({ shop: 'traits: { tier: tier }\n' })

    const [first, text, digits, list] = await runEach([3, 'gold', '4', ['gold']])

    expect([first, digits].map((result) => told(result!))).toEqual([[], []])
    expect(told(text!)).toEqual([
      {
        code: 'DELIVERED_OTHER_TYPE',
        count: 1,
        example: 'tier is number by its first value, and got 1 string',
      },
    ])
    expect(told(list!)).toMatchObject([{ count: 1, example: expect.stringContaining('1 array') }])
    expect(await stored()).toEqual(
      new Map([
        ['tier', { first: 'number', counts: { number: 1, string: 2, array: 1 }, dropped: 2 }],
      ]),
    )
  })

  it('are those of the attribute, whatever mapping writes it', async () => {
    bench = new Bench({ shop: 'traits: { tier: tier }\n' })
    await runEach([3])
    const other = 'traits: { colour: colour }\n'
    bench.syncs = compile({ shop: `${other}retire: [{ attribute: tier, by: unset }]\n` })
    await bench.run()
    bench.syncs = compile({ shop: 'traits: { level: { attribute: tier, type: string } }\n' })
    bench.records = said(['gold'], 'level')

    expect(told(await bench.run())).toMatchObject([{ code: 'DELIVERED_OTHER_TYPE', count: 1 }])
  })

  it('are told by a plan as by the run, and stored by the run alone', async () => {
    bench = new Bench({ shop: 'traits: { tier: tier }\n' })
    await runEach([3])
    bench.records = said([3, 'gold', true])

    const plan = await bench.plan()
    const before = await stored()
    const run = await bench.run()

    expect(before).toEqual(
      new Map([['tier', { first: 'number', counts: { number: 1 }, dropped: 0 }]]),
    )
    expect(told(plan as never)).toEqual(told(run))
    expect(told(run)).toMatchObject([{ count: 2 }])
  })

  it('are what is declared', async () => {
    bench = new Bench({
      shop: 'traits: { tier: { attribute: tier, type: string }, at: { attribute: at, type: time } }\n',
    })
    const at = said([1_767_225_600, '2026-01-05'], 'at')
    bench.records = [...said([3, 'gold']), ...at]

    const result = await bench.run()

    expect(told(result)).toEqual([])
    expect(Object.fromEntries(await stored())).toEqual({
      tier: { first: 'string', counts: { string: 2 }, dropped: 0 },
      at: { first: 'time', counts: { time: 2 }, dropped: 0 },
    })
  })

  it('tell of texts that Braze takes for times', async () => {
    bench = new Bench({ shop: 'traits: { tier: { attribute: tier, type: string } }\n' })

    const [date, text] = await runEach(['10-12-2025', '12/1'])

    expect(told(date!)).toMatchObject([{ code: 'DELIVERED_TEXT_AS_TIME', count: 1 }])
    expect(told(text!)).toMatchObject([{ code: 'DELIVERED_OTHER_TYPE', count: 1 }])
  })

  it('leave nulls, standard attributes, elements and members of objects in peace', async () => {
    bench = new Bench({
      shop: `traits: { city: home_city, size: prefs.size, colour: prefs.colour }
audiences: { vip: { attribute: { name: flags, element: vip } }, gold: gold }
`,
    })
    bench.records = [
      ...said(['Rome', 'Oslo', null], 'city'),
      ...said(['L', 3], 'size'),
      ...said([true], 'colour'),
      { user: 'u0', at: NOW - 1, audience: 'vip', value: true },
      { user: 'u0', at: NOW - 1, audience: 'gold', value: false },
    ]

    const result = await bench.run()

    expect(told(result)).toEqual([])
    expect([...(await stored())].map(([name, { first }]) => [name, first]).sort()).toEqual([
      ['flags', 'array'],
      ['gold', 'boolean'],
      ['prefs', 'object'],
    ])
  })

  it('stay known when a run dies after its first request', async () => {
    bench = new Bench({ shop: 'traits: { tier: tier }\n' })
    bench.records = said([3, 4, 5, 6, 7, 8])
    const send = bench.ledger.send.bind(bench.ledger)
    bench.ledger.send = async (...request) => {
      const answer = await send(...request)
      if (bench.ledger.requests > 1) throw new Error('the connection broke')
      return answer
    }
    await bench.run()
    bench.ledger.send = send
    bench.records.push({ user: 'u9', at: NOW - 1, trait: 'tier', value: 'gold' })

    await bench.run()

    expect((await stored()).get('tier')).toMatchObject({ first: 'number', dropped: 1 })
  })
})
