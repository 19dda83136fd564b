import { afterEach, describe, expect, it } from 'vitest'
import { Bench, compile, eventText, listSource, NOW, wholeSource } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

const DAY = 86_400_000

let bench: Bench
afterEach(() => bench.close())

const attributesOf = (user: string) => Object.fromEntries(bench.ledger.userOf(user).attributes)
const plan = (user: string, value: unknown, at: number): TestEvent => ({
  user,
  at,
  trait: 'plan',
  value,
})

/** A bench whose mappings were born a day ago, so that what comes is no history. */
async function bornBench(syncs: Readonly<Record<string, string>>): Promise<Bench> {
  const born = new Bench(syncs)
  born.nowMs = NOW - DAY
  await born.run()
  born.nowMs = NOW
  return born
}

describe('a mapping that sent nothing of what waits', () => {
  const shopText = 'traits:\n  plan: plan\n'
  const [SHOP_ONLY, WITH_VIP] = [
    { shop: shopText },
    { shop: `${shopText}audiences:\n  vip: vip\n` },
  ]
  const BOTH = { shop: shopText, more: 'traits:\n  plan: plan_too\n' }
  /**
   * Reads all of the source again where history is needed, so that what was delivered waits, too.
   */
  const whole = () => ({
    sources: new Map([['engage', wholeSource(listSource(() => bench.records.map(eventText)))]]),
  })

  it.each([
    ['is new', SHOP_ONLY],
    ['was there before, and comes back', BOTH],
  ])('has no null told that was never sent, where it %s', async (_, first) => {
    bench = await bornBench(first)
    bench.syncs = compile(SHOP_ONLY)
    bench.records = [plan('u1', 'pro', NOW - 90)]
    await bench.run(whole())
    bench.ledger.fails = () => true
    bench.syncs = compile(WITH_VIP)
    bench.records.push(plan('u1', null, NOW - 80))
    await bench.run(whole())
    bench.ledger.fails = () => false
    bench.syncs = compile(BOTH)
    const { report } = await bench.run(whole())

    expect(report).toMatchObject({
      status: 'done',
      braze: { attributes: 1, data_points: 1, pending: 0 },
    })
    expect(attributesOf('u1').plan ?? null).toBeNull()
  })

  it('has its null told where its own value had no answer, though it was away while the user waited', async () => {
    bench = await bornBench(BOTH)
    bench.ledger.fate = () => 'applied'
    bench.records = [plan('u1', 'pro', NOW - 90)]
    await bench.run()
    bench.syncs = compile(SHOP_ONLY)
    await bench.run()
    const between = attributesOf('u1')
    bench.ledger.fate = () => 'ok'
    bench.syncs = compile(BOTH)
    bench.records.push(plan('u1', null, NOW - 80))
    await bench.run()

    expect(between).toEqual({ plan: 'pro', plan_too: 'pro' })
    expect(Object.values(attributesOf('u1')).filter((value) => value !== null)).toEqual([])
  })
})

describe('a pair whose values had no answer', () => {
  const PAIRED = {
    shop: `identity: { alias: { from: anonymousId, label: web, promote: identify } }\ntraits:\n  plan: plan\n  worth: worth\n`,
  }

  it.each([
    ['its alias', { anonymous: 'a1' }],
    ['itself', { user: 'u1' }],
  ])('is told the null said since by %s', async (_, who) => {
    bench = await bornBench(PAIRED)
    bench.ledger.fate = () => 'applied'
    bench.records = [
      { anonymous: 'a1', at: NOW - 90, trait: 'plan', value: 'pro' },
      { user: 'u1', anonymous: 'a1', at: NOW - 80, trait: 'worth', value: 1 },
    ]
    const left = await bench.run()
    const between = attributesOf('u1')
    bench.ledger.fate = () => 'ok'
    bench.records.push({ ...who, at: NOW - 70, trait: 'plan', value: null })
    await bench.run()

    expect(left.report.status).toBe('partial')
    expect(between).toEqual({ plan: 'pro', worth: 1 })
    expect(attributesOf('u1')).toEqual({ worth: 1 })
  })

  it('is told the value it had before and has again, where values are kept', async () => {
    bench = await bornBench(PAIRED)
    bench.records = [plan('u1', 'free', NOW - 95)]
    await bench.run({ keepValues: true })
    bench.ledger.fate = () => 'applied'
    bench.records.push(
      { anonymous: 'a1', at: NOW - 90, trait: 'plan', value: 'pro' },
      { user: 'u1', anonymous: 'a1', at: NOW - 80, trait: 'worth', value: 1 },
    )
    await bench.run({ keepValues: true })
    const between = attributesOf('u1').plan
    bench.ledger.fate = () => 'ok'
    bench.records.push(plan('u1', 'free', NOW - 70))
    await bench.run({ keepValues: true })

    expect([between, attributesOf('u1').plan]).toEqual(['pro', 'free'])
  })
})
