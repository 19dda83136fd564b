import { afterEach, describe, expect, it } from 'vitest'
import { Bench, NOW } from '../harness.ts'

const PAIRED = `identity: { alias: { from: anonymousId, label: web, promote: identify } }
traits:
  plan: plan
audiences:
  vip: { cohort: VIPs }
`

let bench: Bench
afterEach(() => bench.close())

const heldOf = (user: string) => Object.fromEntries(bench.ledger.userOf(user).attributes)

describe('a null a user said before the alias that has a value joins', () => {
  it.each([
    ['in the record that joins them', { user: 'u1', anonymous: 'a1' }],
    ['in an earlier one', { user: 'u1' }],
  ])('is told where it was said %s, since Braze fills what is empty', async (_, who) => {
    bench = new Bench({ shop: PAIRED })
    bench.records = [{ anonymous: 'a1', at: NOW - 90, trait: 'plan', value: 'pro' }]
    await bench.run()
    bench.records.push({ ...who, at: NOW - 80, trait: 'plan', value: null })
    await bench.run()
    bench.records.push({ user: 'u1', anonymous: 'a1', at: NOW - 85, trait: 'plan', value: 'old' })
    await bench.run()

    expect(bench.ledger.joined).toEqual(['a1→u1'])
    expect(heldOf('u1')).toEqual({})
  })
})

describe('an alias that joined its user', () => {
  it('takes from the user what it alone says is no more', async () => {
    bench = new Bench({ shop: PAIRED })
    bench.records = [{ anonymous: 'a1', at: NOW - 99, trait: 'plan', value: 'old' }]
    await bench.run()
    const both = { user: 'u1', anonymous: 'a1' }
    bench.records.push(
      { ...both, at: NOW - 90, trait: 'plan', value: 'pro' },
      { ...both, at: NOW - 90, audience: 'vip', value: true },
    )
    await bench.run()
    const before = { attributes: heldOf('u1'), cohorts: bench.ledger.userOf('u1').cohorts.size }
    bench.records.push(
      { anonymous: 'a1', at: NOW - 80, trait: 'plan', value: null },
      { anonymous: 'a1', at: NOW - 80, audience: 'vip', value: false },
    )
    await bench.run({ allow: ['removals'] })

    expect(before).toEqual({ attributes: { plan: 'pro' }, cohorts: 1 })
    expect([heldOf('u1'), bench.ledger.userOf('u1').cohorts.size]).toEqual([{}, 0])
  })
})
