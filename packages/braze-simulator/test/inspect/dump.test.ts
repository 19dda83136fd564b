import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startSimulator } from '../../src/index.ts'
import { track } from '../spawned.ts'

const dumpAfter = async (bodies: readonly object[], parts = '') => {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  for (const body of bodies) await track(simulator.url, body)
  const text = await (await fetch(`${simulator.url}/simulator/dump${parts}`)).text()
  await simulator.close()
  return text
}
const request = (user: number) => ({
  attributes: [{ external_id: `u${user}`, b: user, a: { y: 1, x: [user] } }],
  events: [{ external_id: `u${user}`, name: `E${user % 2}`, time: '2026-03-01' }],
})

describe('dump', () => {
  it('does not depend on the order of requests for different users', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(50), { maxLength: 6 }), async (users) => {
        expect(await dumpAfter(users.toReversed().map(request))).toBe(
          await dumpAfter(users.map(request)),
        )
      }),
      { numRuns: 10 },
    )
  })

  it('tells states apart', async () => {
    expect(await dumpAfter([request(1), request(1)])).not.toBe(await dumpAfter([request(1)]))
  })

  it('gives the parts that were asked for', async () => {
    expect(Object.keys(JSON.parse(await dumpAfter([request(1)], '?parts=ledger,users')))).toEqual([
      'ledger',
      'users',
    ])
    expect(Object.keys(JSON.parse(await dumpAfter([request(1)])))).toEqual([
      'attribute_types',
      'cohorts',
      'users',
    ])
  })
})
