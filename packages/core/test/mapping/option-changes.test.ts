import { describe, expect, it } from 'vitest'
import { compileSync, loadConfig, optionChanges } from '../../src/index.ts'
import type { MappingOptions } from '../../src/index.ts'

const PROJECT = `version: 1
environments:
  local:
    braze: { endpoint: simulator }
    sources: { engage: { events: data } }
`

/** The one unit of a section, compiled. */
function unitOf(text: string): { readonly options: MappingOptions; readonly fingerprint: string } {
  const { syncs, diagnostics } = loadConfig([
    { path: 'configs/engage-sync.yaml', text: PROJECT },
    { path: 'configs/shop.yaml', text: `version: 1\nsource: engage\n${text}` },
  ])
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(JSON.stringify(errors))
  const { mappings, segments } = compileSync(syncs[0])
  return [...segments, ...mappings][0]
}

const changesOf = (before: string, after: string) =>
  optionChanges(unitOf(before).options, unitOf(after).options).map((change) => [
    change.option,
    change.before,
    change.after,
  ])

const trait = (options: string) => `traits: { ltv: { ${options} } }\n`
const audience = (options: string) => `audiences: { vip: { ${options} } }\n`
const segment = (when: string, more = '') =>
  `segments: { fans: { when: ${when}, attribute: fans${more} } }\n`

const CHANGED: readonly (readonly [string, string, string, readonly unknown[]])[] = [
  ['an attribute', trait('attribute: ltv'), trait('attribute: a.b'), [['attribute', 'ltv', 'a.b']]],
  [
    'a declared type',
    trait('attribute: ltv'),
    trait('attribute: ltv, type: number'),
    [['type', null, 'number']],
  ],
  [
    'an event that goes',
    trait('attribute: ltv, event: Bought'),
    trait('attribute: ltv'),
    [['event', 'Bought', null]],
  ],
  [
    'properties',
    trait('event: { name: Bought, properties: [trait_key] }'),
    trait('event: { name: Bought, properties: { trait_key: key } }'),
    [['event.properties', '{"trait_key":"trait_key"}', '{"trait_key":"key"}']],
  ],
  [
    'what a null does',
    trait('attribute: ltv'),
    trait('attribute: ltv, on_null: keep'),
    [['on_null', 'unset', 'keep']],
  ],
  [
    'arrays',
    trait('attribute: ltv, type: array'),
    trait('attribute: ltv, type: array, array: update'),
    [['array', 'replace', 'update']],
  ],
  [
    'the id of items',
    trait('attribute: ltv, type: array'),
    trait('attribute: ltv, type: array, id: sku'),
    [['id', null, 'sku']],
  ],
  [
    'merging',
    trait('attribute: ltv, type: object, merge: true'),
    trait('attribute: ltv, type: object'),
    [['merge', 'true', 'false']],
  ],
  [
    'the backfill',
    trait('attribute: ltv'),
    trait('attribute: ltv, backfill: false'),
    [['backfill', 'true', 'false']],
  ],
  [
    'what is sent at all',
    trait('attribute: ltv'),
    trait('send: false'),
    [
      ['attribute', 'ltv', null],
      ['send', 'true', 'false'],
    ],
  ],
  [
    'an exit',
    audience('attribute: vip'),
    audience('attribute: vip, on_exit: unset'),
    [['on_exit', 'false', 'unset']],
  ],
  [
    'an element',
    audience('attribute: { name: flags, element: vip }'),
    audience('attribute: { name: flags, element: VIP }'),
    [['attribute.element', 'vip', 'VIP']],
  ],
  [
    'events of a membership',
    audience('event: { entered: In }'),
    audience('event: { entered: In, exited: Out }'),
    [['event.exited', null, 'Out']],
  ],
  [
    'the name of a cohort',
    audience('attribute: vip, cohort: VIPs'),
    audience('attribute: vip, cohort: VIPs (60d)'),
    [['cohort', 'VIPs', 'VIPs (60d)']],
  ],
  [
    'a subscription group',
    audience('attribute: vip'),
    audience('attribute: vip, subscription_group: 6f2f3a0e-8d3c-4f5e-9a53-0c1ddc7c2f10'),
    [['subscription_group', null, '6f2f3a0e-8d3c-4f5e-9a53-0c1ddc7c2f10']],
  ],
  [
    'what a condition is compared with',
    segment('{ trait: item, matches: sweater|cardigan }'),
    segment('{ trait: item, matches: sweater|cardigan|scarf }'),
    [['when.item.matches', 'sweater|cardigan', 'sweater|cardigan|scarf']],
  ],
  [
    'the operator of a condition',
    segment('{ trait: worth, more_than: 5 }'),
    segment('{ trait: worth, less_than: 7 }'),
    [['when.worth', 'more_than 5', 'less_than 7']],
  ],
  [
    'a condition that came, and one that went',
    segment('{ all: [{ trait: worth, more_than: 5 }, { trait: plan, equals: pro }] }'),
    segment('{ all: [{ trait: worth, more_than: 5 }, { trait: city, equals: Kiel }] }'),
    [
      ['when.city', null, 'equals Kiel'],
      ['when.plan', 'equals pro', null],
    ],
  ],
  [
    'how conditions are combined',
    segment('{ all: [{ trait: worth, more_than: 5 }, { trait: plan, equals: pro }] }'),
    segment('{ any: [{ trait: worth, more_than: 5 }, { not: { trait: plan, equals: pro } }] }'),
    [
      [
        'when',
        'all of (worth more_than 5, plan equals pro)',
        'any of (worth more_than 5, not (plan equals pro))',
      ],
    ],
  ],
  [
    'where a condition stands',
    segment(
      '{ all: [{ trait: a, equals: x }, { any: [{ trait: b, equals: x }, { trait: c, equals: x }] }] }',
    ),
    segment(
      '{ all: [{ trait: b, equals: x }, { any: [{ trait: a, equals: x }, { trait: c, equals: x }] }] }',
    ),
    [
      [
        'when',
        'all of (a equals x, any of (b equals x, c equals x))',
        'all of (b equals x, any of (a equals x, c equals x))',
      ],
    ],
  ],
  [
    'the type a condition reads',
    `${segment('{ trait: ltv, equals: "7" }')}${trait('attribute: ltv, type: string')}`,
    `${segment('{ trait: ltv, equals: 7 }')}${trait('attribute: ltv, type: number')}`,
    [['when.ltv.type', 'string', 'number']],
  ],
]

describe('what became another of a mapping', () => {
  it.each(CHANGED)('is %s', (_, before, after, changes) => {
    expect(new Set(changesOf(before, after))).toEqual(new Set(changes))
  })

  it.each(CHANGED)('is told whenever the fingerprint says so: %s', (_, before, after) => {
    expect(unitOf(before).fingerprint).not.toBe(unitOf(after).fingerprint)
    expect(changesOf(before, before)).toEqual([])
    expect(changesOf(after, before)).toHaveLength(changesOf(before, after).length)
  })

  it('tells events apart by what they are narrowed to, and since when they count', () => {
    const bought = 'traits: { a: { event: Bought }, b: { event: Bought } }\n'
    const when = (more: string) => segment(`{ event: Bought, more_than: 3${more} }`) + bought

    expect(changesOf(when(', within_days: 30'), when(', within_days: 7'))).toEqual([
      ['when.event Bought', 'more_than 3 within 30 days', 'more_than 3 within 7 days'],
    ])
    expect(changesOf(when(''), when(', trait: a'))).toEqual([
      ['when.event Bought of a', null, 'more_than 3'],
      ['when.event Bought', 'more_than 3', null],
    ])
  })

  it('leaves out what stands at its default, so that an option of a later version is none', () => {
    expect(unitOf(trait('attribute: ltv')).options).toEqual({ key: 'ltv', attribute: 'ltv' })
  })
})
