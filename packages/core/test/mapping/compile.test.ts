import { describe, expect, it } from 'vitest'
import type { Json } from '@engage-sync/contract'
import { loadConfig } from '../../src/config/load.ts'
import { collectWantedKeys, compileSync } from '../../src/mapping/compile.ts'
import type { CompileContext } from '../../src/mapping/compile.ts'
import type { CompiledMapping, CompiledSync } from '../../src/mapping/compiled.ts'
import { encodingOf } from '../../src/mapping/encoding.ts'
import type { Encoding, EncodingOf } from '../../src/mapping/encoding.ts'

const PROJECT = `version: 1
environments:
  local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } }
`

function compile(body: string, context: CompileContext = {}): CompiledSync {
  const { syncs, diagnostics } = loadConfig([
    { path: 'configs/engage-sync.yaml', text: PROJECT },
    { path: 'configs/shop.yaml', text: `version: 1\nsource: engage\n${body}` },
  ])
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return compileSync(syncs[0], context)
}

function mapping(sync: CompiledSync, id: string): CompiledMapping {
  const found = sync.mappings.find((candidate) => candidate.id === id)
  if (found === undefined) throw new Error(`${id} is no mapping`)
  return found
}

function as<Kind extends Encoding['kind']>(
  unit: { readonly id: string; readonly encodings: readonly Encoding[] },
  kind: Kind,
): EncodingOf<Kind> {
  const encoding = encodingOf(unit, kind)
  if (encoding === undefined) throw new Error(`${unit.id} has no ${kind}`)
  return encoding
}

const encode = (sync: CompiledSync, id: string, value: Json) => {
  const result = as(mapping(sync, id), 'attribute').encode(value)
  return result.ok ? result.value : result.rejection.code
}

describe('traits', () => {
  it('maps the short form to an attribute of that name, replaced and unset by null', () => {
    const { encodings, wanted, id } = compile('traits: { ltv: total }').mappings[0]
    const [attribute] = encodings

    expect({ id, wanted }).toEqual({
      id: 'shop:traits.ltv',
      wanted: { kind: 'trait', key: 'ltv', path: [] },
    })
    expect(encodings).toHaveLength(1)
    expect(attribute).toMatchObject({
      kind: 'attribute',
      slotId: 'shop:traits.ltv#attribute=total',
      name: 'total',
      path: [],
      mode: 'replace',
      onNull: 'unset',
      standard: false,
    })
    expect(attribute).toHaveProperty(
      'plain',
      new Set(['string', 'number', 'boolean', 'array', 'object']),
    )
  })

  it('casts to the declared type, and says which texts need no cast', () => {
    const sync = compile(
      'traits: { n: { attribute: n, type: number }, at: { attribute: at, type: time }, s: { attribute: s, type: string } }',
    )

    expect(encode(sync, 'shop:traits.n', '7')).toBe(7)
    expect(encode(sync, 'shop:traits.n', 'x')).toBe('CAST_NUMBER')
    expect(encode(sync, 'shop:traits.at', 1767607200)).toBe('2026-01-05T10:00:00.000Z')
    expect(encode(sync, 'shop:traits.s', 'x'.repeat(256))).toBe('LIMIT_STRING')
    expect(encode(sync, 'shop:traits.s', null)).toBeNull()
    expect(sync.mappings.map((each) => [...as(each, 'attribute').plain])).toEqual([
      ['number'],
      [],
      ['string'],
    ])
  })

  it('takes the type of the short form from its filters', () => {
    const sync = compile(`traits: { ltv: ltv, item: item, none: none }
segments:
  a: { when: { trait: ltv, more_than: 3 }, attribute: a }
  b: { when: { trait: item, matches: sweater }, attribute: b }`)

    expect(encode(sync, 'shop:traits.ltv', '7')).toBe(7)
    expect(encode(sync, 'shop:traits.item', 7)).toBe('7')
    expect(encode(sync, 'shop:traits.item', ['a'])).toEqual(['a'])
    expect(encode(sync, 'shop:traits.none', '7')).toBe('7')
    expect(sync.segments[1].castFor({ kind: 'trait', key: 'item' })(7)).toEqual({
      ok: true,
      value: '7',
    })
  })

  it('normalises standard attributes', () => {
    const sync = compile(
      'traits: { mail: email, sex: gender }\nenrichment: { address.country: country }',
    )

    expect(encode(sync, 'shop:traits.mail', ' A@Example.com')).toBe('a@example.com')
    expect(encode(sync, 'shop:traits.sex', 'female')).toBe('F')
    expect(encode(sync, 'shop:enrichment.address.country', 'Germany')).toBe('DE')
    expect(mapping(sync, 'shop:enrichment.address.country').wanted).toEqual({
      kind: 'enrichment',
      key: 'address',
      path: ['country'],
    })
    expect(as(mapping(sync, 'shop:traits.mail'), 'attribute').plain.size).toBe(0)
  })

  it('puts dotted attributes below their root, with nested times in their own form', () => {
    const sync = compile('traits: { size: prefs.size, at: { attribute: prefs.at, type: time } }')

    expect(as(mapping(sync, 'shop:traits.size'), 'attribute')).toMatchObject({
      name: 'prefs',
      path: ['size'],
    })
    expect(encode(sync, 'shop:traits.at', '2026-01-05')).toEqual({
      $time: '2026-01-05T00:00:00.000Z',
    })
  })

  it.each([
    ['{ attribute: a, type: array, array: update }', 'array-update', null],
    ['{ attribute: a, type: array, id: sku }', 'objects-by-id', 'sku'],
    ['{ attribute: a, type: object, merge: true }', 'merge-object', null],
    ['{ attribute: a, type: array }', 'replace', null],
  ])('sends %s by %s', (options, mode, idField) => {
    expect(as(compile(`traits: { t: ${options} }`).mappings[0], 'attribute')).toMatchObject({
      mode,
      idField,
    })
  })

  it('sends events with the properties of Segment, and none for null', () => {
    const event = as(compile('traits: { ltv: { event: Trait Computed } }').mappings[0], 'event')

    expect(event.slotId).toBe('shop:traits.ltv#event')
    expect(event.nameFor(7)).toBe('Trait Computed')
    expect(event.nameFor(null)).toBeNull()
    expect(event.propertiesFor(7)).toEqual({ trait_key: 'ltv', ltv: 7 })
  })

  it('lists or renames event properties', () => {
    const sync = compile(`traits:
  a: { event: { name: A, properties: [a] } }
  b: { event: { name: B, properties: { b: value, trait_key: key } } }`)

    expect(as(sync.mappings[0], 'event').propertiesFor(1)).toEqual({ a: 1 })
    expect(as(sync.mappings[1], 'event').propertiesFor(2)).toEqual({ value: 2, key: 'b' })
  })

  it('keeps what is not sent for filters, without encodings', () => {
    const { encodings, type } = compile('traits: { t: { send: false, type: number } }').mappings[0]

    expect({ encodings, type }).toEqual({ encodings: [], type: 'number' })
  })
})

describe('audiences', () => {
  const sync = compile(`audiences:
  vip:
    attribute: vip
    event: { entered: Audience Entered, exited: Audience Exited }
    cohort: VIPs
    subscription_group: g1
  dormant: { attribute: dormant, on_exit: unset }
  shared: { attribute: { name: flags, element: red }, on_exit: unset }
  step: { event: { entered: Welcome } }`)

  it('becomes an attribute, events, a cohort and a subscription group', () => {
    const vip = mapping(sync, 'shop:audiences.vip')
    const event = as(vip, 'event')

    expect(vip.encodings.map(({ kind }) => kind)).toEqual([
      'attribute',
      'event',
      'cohort',
      'subscription',
    ])
    expect(as(vip, 'cohort')).toEqual({
      kind: 'cohort',
      slotId: 'shop:audiences.vip#cohort',
      cohortId: 'engage-sync:shop:vip',
      name: 'VIPs',
    })
    expect(as(vip, 'subscription')).toEqual({
      kind: 'subscription',
      slotId: 'shop:audiences.vip#subscription_group',
      groupId: 'g1',
    })
    expect([true, false, null].map((value) => event.nameFor(value))).toEqual([
      'Audience Entered',
      'Audience Exited',
      null,
    ])
    expect(event.names).toEqual(['Audience Entered', 'Audience Exited'])
    expect(event.propertiesFor(false)).toEqual({ audience_key: 'vip', vip: false })
    expect(
      [true, false, 'true', null].map((value) => encode(sync, 'shop:audiences.vip', value)),
    ).toEqual([true, false, true, null])
  })

  it('unsets on exit when it is told to, but never an element', () => {
    expect([true, false].map((value) => encode(sync, 'shop:audiences.dormant', value))).toEqual([
      true,
      null,
    ])
    expect(as(mapping(sync, 'shop:audiences.shared'), 'attribute')).toMatchObject({
      mode: 'element',
      element: 'red',
      name: 'flags',
    })
    expect([true, false].map((value) => encode(sync, 'shop:audiences.shared', value))).toEqual([
      true,
      false,
    ])
  })

  it('has no exit event where none is named', () => {
    expect(as(mapping(sync, 'shop:audiences.step'), 'event').nameFor(false)).toBeNull()
  })
})

describe('segments', () => {
  const body = `traits: { ltv: { attribute: ltv, type: number } }
segments:
  big:
    when: { all: [{ trait: ltv, more_than: 3 }, { trait: hidden.deep, equals: x }, { audience: other, equals: true }] }
    cohort: Big`

  it('compiles the filter and what belonging becomes', () => {
    const [segment] = compile(body).segments

    expect(segment.id).toBe('shop:segments.big')
    expect(as(segment, 'cohort')).toMatchObject({ cohortId: 'engage-sync:shop:big', name: 'Big' })
    expect(segment.filter.leaves).toHaveLength(3)
    expect(segment.castFor({ kind: 'trait', key: 'ltv' })('7')).toEqual({ ok: true, value: 7 })
    expect(segment.castFor({ kind: 'audience', key: 'other' })('true')).toEqual({
      ok: true,
      value: true,
    })
  })

  it('wants what only filters read, and each key once', () => {
    const sync = compile(body)

    expect(collectWantedKeys([sync, sync])).toEqual([
      { kind: 'trait', key: 'ltv', path: [] },
      { kind: 'trait', key: 'hidden', path: ['deep'] },
      { kind: 'audience', key: 'other', path: [] },
    ])
  })
})

describe('fingerprints', () => {
  const of = (body: string, context: CompileContext = {}) => compile(body, context)

  it('do not change with descriptions, order or form', () => {
    const short = of('traits: { a: a, b: b }')
    const long = of(
      'description: x\ntraits: { b: { attribute: { name: b } }, a: { attribute: a, description: y } }',
    )

    expect(mapping(long, 'shop:traits.a').fingerprint).toBe(
      mapping(short, 'shop:traits.a').fingerprint,
    )
    expect(mapping(long, 'shop:traits.b').fingerprint).toBe(
      mapping(short, 'shop:traits.b').fingerprint,
    )
  })

  it.each([
    ['{ attribute: b }'],
    ['{ attribute: a, type: string }'],
    ['{ attribute: a, on_null: keep }'],
    ['{ attribute: a, event: E }'],
    ['{ attribute: a, backfill: false }'],
    ['{ attribute: a, merge: true, type: object }'],
  ])('change with %s', (options) => {
    expect(of(`traits: { a: ${options} }`).mappings[0].fingerprint).not.toBe(
      of('traits: { a: a }').mappings[0].fingerprint,
    )
    expect(of(`traits: { a: ${options} }`).fingerprint).not.toBe(of('traits: { a: a }').fingerprint)
  })

  it('of a segment change with its filter, of a sync with its identity', () => {
    const segment = (when: string) =>
      of(`segments: { s: { when: ${when}, attribute: s } }`).segments[0]

    expect(segment('{ trait: a, equals: x }').fingerprint).not.toBe(
      segment('{ trait: a, equals: y }').fingerprint,
    )
    expect(of('traits: { a: a }').fingerprint).not.toBe(
      of('identity: { external_id: email }\ntraits: { a: a }').fingerprint,
    )
  })

  it('keep the filter fingerprint when only the cohort is renamed', () => {
    const named = (name: string) =>
      of(`segments: { s: { when: { trait: a, equals: x }, cohort: ${name} } }`).segments[0]

    expect(named('A').filter.fingerprint).toBe(named('B').filter.fingerprint)
    expect(named('A').fingerprint).not.toBe(named('B').fingerprint)
  })
})

it('carries identity, source, moves and retirements', () => {
  const sync = compile(`identity:
  external_id: externalIds.crm
  alias: { from: anonymousId, label: anon, promote: merge }
  create_users: false
traits: { b: b }
moved: [{ from: traits.a, to: traits.b }]
retire: [{ attribute: old, by: unset }]`)

  expect(sync).toMatchObject({
    name: 'shop',
    source: 'engage',
    identity: {
      externalId: { from: 'externalIds', type: 'crm' },
      alias: { from: 'anonymousId', label: 'anon' },
    },
    promote: 'merge',
    createUsers: false,
    moved: [{ from: 'traits.a', to: 'traits.b' }],
    retire: [{ attribute: 'old', by: 'unset' }],
  })
})
