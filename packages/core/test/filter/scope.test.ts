import { expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { checkFilter } from '../../src/filter/check.ts'
import { filterScope } from '../../src/filter/scope.ts'

const { syncs } = loadConfig([
  {
    path: 'configs/engage-sync.yaml',
    text: 'version: 1\nenvironments:\n  local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } }\n',
  },
  {
    path: 'configs/a.yaml',
    text: `version: 1
source: engage
traits: { ltv: { attribute: ltv, type: number, event: Trait Computed }, address.city: city }
enrichment: { firstName: first_name }
audiences: { vip: { event: { entered: VIP Entered } } }
segments:
  own: { when: { trait: onlyhere, equals: x }, attribute: own, event: { exited: Own Left } }
  other: { when: { all: [{ trait: seen, equals: x }, { audience: elsewhere, equals: true }] }, attribute: other }
`,
  },
  {
    path: 'configs/b.yaml',
    text: 'version: 1\nsource: engage\ntraits: { far: far }\naudiences: { off: { send: false } }\n',
  },
])
const sync = syncs.find(({ name }) => name === 'a')!
const scope = filterScope(sync.segments.get('own')!, sync, { syncs, timeZone: 'Asia/Tokyo' })

it('knows what is mapped anywhere and what other filters read, but not what this one alone reads', () => {
  expect([...scope.traits.keys()].map((key) => [key, scope.traits.get(key)])).toEqual([
    ['ltv', 'number'],
    ['address.city', null],
    ['far', null],
    ['seen', 'string'],
  ])
  expect([...scope.audiences.keys()]).toEqual(['vip', 'off', 'elsewhere'])
  expect(scope.traits.get('onlyhere')).toBeUndefined()
  expect([...scope.enrichment]).toEqual(['firstName'])
  expect(scope.timeZone).toBe('Asia/Tokyo')
})

it('knows the events of mappings and segments of all syncs', () => {
  expect([...scope.eventNames]).toEqual(['Trait Computed', 'VIP Entered', 'Own Left'])
})

it('lets a filter be checked with it', () => {
  expect(checkFilter(sync.segments.get('own')!.when, scope)).toMatchObject([
    { code: 'FILTER_UNKNOWN_KEY', path: ['trait'] },
  ])
  expect(
    checkFilter(
      sync.segments.get('other')!.when,
      filterScope(sync.segments.get('other')!, sync, { syncs }),
    ),
  ).toMatchObject([
    { code: 'FILTER_UNKNOWN_KEY', path: ['all', 0, 'trait'] },
    { code: 'FILTER_UNKNOWN_KEY', path: ['all', 1, 'audience'] },
  ])
})
