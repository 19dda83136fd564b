import { expect, it } from 'vitest'
import type { Json } from '@engage-sync/contract'
import { compileSync, encodingOf, loadConfig } from '../../src/index.ts'

const PROJECT =
  'version: 1\nenvironments: { local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } } }\n'

/** What an attribute of a trait makes of a value. */
function encode(trait: string, value: Json) {
  const sync = `version: 1\nsource: engage\nidentity: { external_id: userId }\ntraits: { prefs: ${trait} }\n`
  const loaded = loadConfig([
    { path: 'configs/engage-sync.yaml', text: PROJECT },
    { path: 'configs/shop.yaml', text: sync },
  ])
  expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return encodingOf(compileSync(loaded.syncs[0]).mappings[0], 'attribute')?.encode(value)
}

it.each<[string, string]>([
  ['without a type', 'prefs'],
  ['of a declared object', '{ attribute: prefs, type: object }'],
])('a null member is left out of an object that replaces another, %s', (_, trait) => {
  expect(encode(trait, { size: 'L', color: null })).toEqual({ ok: true, value: { size: 'L' } })
})

// Left out, it would say nothing, and what Braze holds of that member would stay.
it.each<[string, string, Json]>([
  [
    'an object that is merged',
    '{ attribute: prefs, type: object, merge: true }',
    { size: 'L', color: null },
  ],
  [
    'objects told apart by an id',
    '{ attribute: prefs, type: array, id: sku }',
    [{ sku: 1, color: null }],
  ],
  ['an object at a path', '{ attribute: profile.prefs, type: object }', { size: 'L', color: null }],
])('a null member is refused in %s', (_, trait, value) => {
  expect(encode(trait, value)).toMatchObject({ ok: false, rejection: { code: 'NESTED_NULL' } })
})
