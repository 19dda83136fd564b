import { afterEach, describe, expect, it } from 'vitest'
import { Bench, NOW } from '../harness.ts'

const PAIRED = `identity: { alias: { from: anonymousId, label: web, promote: identify } }
traits:
  plan: plan
`

let bench: Bench
afterEach(() => bench.close())

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
    expect(Object.fromEntries(bench.ledger.userOf('u1').attributes)).toEqual({})
  })
})
