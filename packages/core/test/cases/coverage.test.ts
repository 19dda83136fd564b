import { describe, expect, it } from 'vitest'
import { NOTHING_HAPPENED } from '../../src/cases/actual.ts'
import type { CaseActual } from '../../src/cases/actual.ts'
import { measureCoverage } from '../../src/cases/coverage.ts'
import { compileSync } from '../../src/mapping/compile.ts'
import { SHOP, loadSync } from './load.ts'

function uncovered(cases: string, actuals: readonly Partial<CaseActual>[] = []): readonly string[] {
  const loaded = loadSync(SHOP, `cases:\n${cases}`)
  const runs = loaded.cases.map((testCase, index) => ({
    testCase,
    result: new Map([['u1', { ...NOTHING_HAPPENED, ...actuals[index] }]]),
  }))
  const { items, covered, total } = measureCoverage(compileSync(loaded.sync), runs)
  const missing = items.filter(({ isCovered }) => !isCovered)
  expect(covered).toBe(total - missing.length)
  return missing.map(({ id, what }) => `${id} ${what}`)
}

describe('measureCoverage', () => {
  it('lists every mapping, branch and operator when a case touches nothing', () => {
    expect(uncovered('  - { name: a, expect: {} }')).toEqual([
      'shop:traits.ltv a value of ltv',
      'shop:traits.ltv attribute ltv is sent',
      'shop:traits.ltv event Trait Computed is sent',
      'shop:traits.item a value of item',
      'shop:traits.item attribute item is sent',
      'shop:enrichment.firstName a value of firstName',
      'shop:enrichment.firstName attribute first_name is sent',
      'shop:enrichment.address.city a value of address.city',
      'shop:enrichment.address.city attribute home_city is sent',
      'shop:audiences.vip a value of vip',
      'shop:audiences.vip attribute vip is sent',
      'shop:audiences.vip event Audience Entered is sent',
      'shop:audiences.vip event Audience Exited is sent',
      'shop:audiences.vip cohort VIPs: add',
      'shop:audiences.vip cohort VIPs: remove',
      'shop:segments.fans a user in it',
      'shop:segments.fans a user out of it',
      'shop:segments.fans cohort Fans: add',
      'shop:segments.fans cohort Fans: remove',
      'shop:segments.fans ltv more_than 3 is true',
      'shop:segments.fans vip equals true is true',
    ])
  })

  it('ticks off what cases do', () => {
    const left = uncovered(
      `  - { name: a, events: [{ trait: { ltv: '7' }, enrichment: { address: { city: x } } }, { audience: { vip: true } }], expect: {} }
  - { name: b, profile: { audiences: { vip: true } }, events: [{ raw: { type: identify, userId: u1, timestamp: 2026-01-01T00:00:00Z, context: { personas: { computation_key: item, computation_class: trait } }, traits: { item: Mug, firstName: Ada } } }], expect: {} }`,
      [
        {
          attributes: new Map([['ltv', 7]]),
          cohorts: new Map([['VIPs', 'add']]),
          segments: new Map([['fans', true]]),
          events: [{ name: 'Trait Computed', time: 0, properties: {} }],
        },
        { segments: new Map([['fans', false]]) },
      ],
    )

    expect(left).toEqual([
      'shop:traits.item attribute item is sent',
      'shop:enrichment.firstName attribute first_name is sent',
      'shop:enrichment.address.city attribute home_city is sent',
      'shop:audiences.vip attribute vip is sent',
      'shop:audiences.vip event Audience Entered is sent',
      'shop:audiences.vip event Audience Exited is sent',
      'shop:audiences.vip cohort VIPs: remove',
      'shop:segments.fans cohort Fans: add',
      'shop:segments.fans cohort Fans: remove',
      'shop:segments.fans vip equals true is false',
    ])
  })
})
