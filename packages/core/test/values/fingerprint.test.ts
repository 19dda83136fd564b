import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMap, isScalar, isSeq, parseDocument, visit } from 'yaml'
import type { Document } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import { compileSyncs } from '../../src/mapping/compile.ts'
import type { CompiledSync } from '../../src/mapping/compiled.ts'
import { fingerprintOf } from '../../src/values/fingerprint.ts'

const PROJECT = `version: 1
environments:
  local: { braze: { endpoint: simulator }, sources: { engage: { events: data }, people: { events: people } } }
`
const SYNC = `version: 1
description: Shoppers.
owner: lifecycle
tags: [a]
source: engage
identity: { external_id: userId, alias: { from: anonymousId, label: anon, promote: identify }, create_users: true }
traits:
  ltv: { attribute: total, type: number, event: { name: Trait Computed, properties: { ltv: value } }, on_null: unset }
  tier: tier
  tags: { attribute: tags, type: array, array: update }
  cart: { attribute: cart, type: array, id: sku }
  store: { attribute: store, type: object, merge: true }
enrichment: { firstName: first_name }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs, on_exit: unset }
  gold: { attribute: { name: flags, element: gold } }
segments:
  fans: { when: { all: [{ trait: tier, matches: gold }, { audience: vip, equals: true }, { event: In, more_than: 1, within_days: 3 }] }, cohort: Fans }
retire: [{ attribute: old, by: unset }]
`

function compile(text: string): CompiledSync {
  const loaded = loadConfig([
    { path: 'configs/engage-sync.yaml', text: PROJECT },
    { path: 'configs/shop.yaml', text },
  ])
  expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return compileSyncs(loaded)[0]
}

/** Fingerprints of the sync and of each mapping and segment, by id. */
function meaningOf(text: string): ReadonlyMap<string, string> {
  const sync = compile(text)
  return new Map([
    ['sync', sync.fingerprint],
    ...[...sync.mappings, ...sync.segments].map(({ id, fingerprint }): [string, string] => [
      id,
      fingerprint,
    ]),
  ])
}

const original = meaningOf(SYNC)

/** What differs, by id. */
function changedIn(text: string): readonly string[] {
  const now = meaningOf(text)
  return [...new Set([...original.keys(), ...now.keys()])].filter(
    (id) => original.get(id) !== now.get(id),
  )
}

describe('what leaves the fingerprint as it is', () => {
  it.each([
    [
      'the description, owner and tags',
      SYNC.replace('Shoppers.', 'Others.').replace('lifecycle', 'others').replace('[a]', '[b, c]'),
    ],
    ['the long form', SYNC.replace('tier: tier', 'tier: { attribute: { name: tier } }')],
    ['a default written out', SYNC.replace('type: number,', 'type: number, backfill: true,')],
    ['a default of the sync', SYNC.replace('traits:', 'defaults: { on_null: unset }\ntraits:')],
    ['spaces around a name', SYNC.replace('cohort: VIPs', "cohort: 'VIPs '")],
    ['notes', SYNC.replace('cohort: VIPs', 'cohort: VIPs, description: For them.')],
  ])('%s', (_, text) => {
    expect(text).not.toBe(SYNC)
    expect(changedIn(text)).toEqual([])
  })

  it('comments, blank lines, quotes, and the order of keys', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.integer({ min: 0, max: 0x7fffffff })), (numbers) => {
        const document = parseDocument(SYNC)
        rewriteForm(document, () => numbers.next().value)
        expect(changedIn(document.toString())).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

/** Changes everything about a document that means nothing. */
function rewriteForm(document: Document, next: () => number): void {
  visit(document, (_, node) => {
    if (isMap(node)) {
      node.items.sort(() => (next() % 2 === 0 ? 1 : -1))
      if (next() % 3 === 0) node.flow = false
    }
    if (isScalar(node) && typeof node.value === 'string')
      node.type = (['PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'] as const)[next() % 3]
    if ((isMap(node) || isSeq(node)) && node.flow !== true && next() % 3 === 0)
      node.commentBefore = ` note ${next()}`
  })
}

describe('what changes the fingerprint', () => {
  it.each([
    ['an attribute', 'attribute: total', 'attribute: worth', 'traits.ltv'],
    ['a type', 'type: number', 'type: integer', 'traits.ltv'],
    ['an event', 'name: Trait Computed', 'name: Spent', 'traits.ltv'],
    ['a property', 'ltv: value', 'ltv: amount', 'traits.ltv'],
    ['on_null', 'on_null: unset', 'on_null: keep', 'traits.ltv'],
    ['how arrays travel', 'array: update', 'array: replace', 'traits.tags'],
    ['the id of items', 'id: sku', 'id: product_id', 'traits.cart'],
    ['merging', 'merge: true', 'merge: false', 'traits.store'],
    ['enrichment', 'first_name', 'last_name', 'enrichment.firstName'],
    ['a cohort', 'cohort: VIPs', 'cohort: Very important', 'audiences.vip'],
    ['on_exit', 'on_exit: unset', 'on_exit: false', 'audiences.vip'],
    ['an element', 'element: gold', 'element: golden', 'audiences.gold'],
    ['backfill', 'cohort: VIPs', 'cohort: VIPs, backfill: false', 'audiences.vip'],
    ['a pattern', 'matches: gold', 'matches: silver', 'segments.fans'],
    ['an operator', 'matches: gold', 'equals: gold', 'segments.fans'],
    ['a window', 'within_days: 3', 'within_days: 4', 'segments.fans'],
    ['how conditions are joined', 'all: [', 'any: [', 'segments.fans'],
  ])('%s, of that mapping and of the sync alone', (_, before, after, id) => {
    const others = id === 'segments.fans' && after === 'equals: gold' ? ['shop:traits.tier'] : []

    expect(changedIn(SYNC.replace(before, after)).toSorted()).toEqual(
      [`shop:${id}`, 'sync', ...others].toSorted(),
    )
  })

  it.each([
    ['the source', 'source: engage', 'source: people'],
    ['the identifier', 'external_id: userId', 'external_id: email'],
    ['the alias', 'label: anon', 'label: other'],
    ['creating users', 'create_users: true', 'create_users: false'],
    ['promotion', 'promote: identify', 'promote: merge'],
    ['what is retired', 'attribute: old', 'attribute: older'],
  ])('%s, of the sync alone', (_, before, after) => {
    expect(changedIn(SYNC.replace(before, after))).toEqual(['sync'])
  })
})

it('is 128 bits, the same on every machine', () => {
  expect(fingerprintOf({ b: 1, a: [null, 'ü'] })).toBe(fingerprintOf({ a: [null, 'ü'], b: 1 }))
  expect(fingerprintOf('engage')).toMatch(/^[0-9a-f]{32}$/)
})
