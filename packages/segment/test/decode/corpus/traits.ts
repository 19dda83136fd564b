import { call, parsed, TIME } from './build.ts'
import type { CorpusCase, Parts } from './build.ts'

const trait = (value: unknown, more: Parts = {}, beside: object = {}): Record<string, unknown> =>
  call({
    class: 'trait',
    key: 'score',
    body: { ...(value === undefined ? {} : { score: value }), ...beside },
    ...more,
  })
const track = { type: 'track', top: { event: 'Trait Computed' } } as const
const is = (value: unknown): CorpusCase['expected'] => ({
  changes: [['trait', 'score', value]],
  user: 'u_1',
  time: TIME,
})

const VALUES: readonly (readonly [string, unknown])[] = [
  ['a count', 7],
  ['zero', 0],
  ['a negative number', -3],
  ['a sum', 182.5],
  ['a small fraction', 0.0000001],
  ['a large number', 1e21],
  ['a prediction', 0.9137],
  ['a text', 'Sweater'],
  ['an empty text', ''],
  ['a text beyond ASCII', 'Café Zürich 日本 😀'],
  ['a text that looks like a number', '0049'],
  ['a time', '2026-01-01T00:00:00.000Z'],
  ['true', true],
  ['false', false],
  ['null', null],
  ['a unique list', ['a', 'b']],
  ['an empty list', []],
  ['a list of objects', [{ sku: 'x', price: 1 }]],
  ['an object', { id: 's1', city: 'Lyon' }],
  ['an empty object', {}],
]

const FORMS: readonly CorpusCase[] = VALUES.flatMap(([name, value]) => [
  { name: `trait, identify, ${name}`, payload: trait(value), expected: is(value) },
  {
    name: `trait, track, ${name}`,
    payload: trait(value, track, { trait_key: 'score' }),
    expected: is(value),
  },
])

const CLASSES: readonly CorpusCase[] = [
  { name: 'class computed_trait', payload: trait(1, { class: 'computed_trait' }), expected: is(1) },
  { name: 'class unknown, a number', payload: trait(1, { class: 'prediction' }), expected: is(1) },
  {
    name: 'class unknown, a boolean is a membership',
    payload: trait(true, { class: 'new' }),
    expected: { changes: [['audience', 'score', true]] },
  },
  {
    name: 'class missing, trait_key tells',
    payload: trait(true, { ...track, class: undefined }, { trait_key: 'score' }),
    expected: is(true),
  },
  {
    name: 'class missing, audience_key tells',
    payload: trait(true, { ...track, class: undefined }, { audience_key: 'score' }),
    expected: { changes: [['audience', 'score', true]] },
  },
  {
    name: 'class missing, the configuration tells',
    payload: trait(true, { class: undefined }),
    options: { keys: [{ kind: 'trait', key: 'score', path: [] }] },
    expected: is(true),
  },
  { name: 'class a number', payload: trait(1, { class: 5 }), expected: is(1) },
  {
    name: 'trait, renamed event',
    payload: trait(1, { type: 'track', top: { event: 'Score went up' } }),
    expected: is(1),
  },
  { name: 'trait, track, without trait_key', payload: trait(1, track), expected: is(1) },
  {
    name: 'trait, key only in trait_key',
    payload: trait(1, { ...track, key: undefined }, { trait_key: 'score' }),
    expected: is(1),
  },
  {
    name: 'trait, key nowhere',
    payload: trait(1, { key: undefined }),
    expected: { rejected: 'RECORD_NO_KEY' },
  },
  {
    name: 'trait, key a number',
    payload: trait(1, { key: 7 }),
    expected: { rejected: 'RECORD_NO_KEY' },
  },
  {
    name: 'trait, whose computation key names no member, but whose trait_key does',
    payload: trait(1, { ...track, key: 'scores' }, { trait_key: 'score', score: 1 }),
    expected: is(1),
  },
  {
    name: 'trait, track, no member',
    payload: trait(undefined, track, { trait_key: 'score' }),
    expected: { rejected: 'RECORD_NO_VALUE' },
  },
  {
    name: 'trait with enrichment',
    payload: trait(1, {}, { email: 'a@example.com', firstName: 'Ada' }),
    expected: {
      changes: [
        ['trait', 'score', 1],
        ['enrichment', 'email', 'a@example.com'],
        ['enrichment', 'firstName', 'Ada'],
      ],
    },
  },
  {
    name: 'trait named like an identifier',
    payload: call({ class: 'trait', key: 'email', body: { email: 'a@example.com' } }),
    expected: { changes: [['trait', 'email', 'a@example.com']] },
  },
  {
    name: 'trait named __proto__',
    payload: parsed(
      JSON.stringify(trait(1, { key: '__proto__' })).replace('"score":1', '"__proto__":[1]'),
    ),
    expected: { changes: [['trait', '__proto__', [1]]] },
  },
  {
    name: 'trait with a dot in its key',
    payload: call({ class: 'trait', key: 'a.b', body: { 'a.b': 1 } }),
    expected: { changes: [['trait', 'a.b', 1]] },
  },
  {
    name: 'trait with an empty-looking key',
    payload: call({ class: 'trait', key: ' ', body: { ' ': 1 } }),
    expected: { changes: [['trait', ' ', 1]] },
  },
  {
    name: 'trait nested 64 levels deep',
    payload: parsed(
      JSON.stringify(trait(0)).replace('"score":0', `"score":${'['.repeat(64)}${']'.repeat(64)}`),
    ),
    expected: is(parsed(`${'['.repeat(64)}${']'.repeat(64)}`)),
  },
  {
    name: 'trait nested too deep',
    payload: parsed(
      JSON.stringify(trait(0)).replace('"score":0', `"score":${'['.repeat(66)}${']'.repeat(66)}`),
    ),
    expected: { rejected: 'RECORD_TOO_DEEP' },
  },
  {
    name: 'enrichment nested too deep',
    payload: parsed(
      JSON.stringify(trait(0)).replace(
        '"score":0',
        `"score":0,"x":${'{"a":'.repeat(500)}1${'}'.repeat(500)}`,
      ),
    ),
    expected: { rejected: 'RECORD_TOO_DEEP' },
  },
]

const sql = (body: unknown, more: Parts = {}): Record<string, unknown> =>
  call({ class: 'trait', key: 'erp_account', body, ...more })

const SQL: readonly CorpusCase[] = [
  {
    name: 'SQL trait, all columns',
    payload: sql({ plan: 'gold', seats: 5, on_hold: false }),
    expected: {
      changes: [
        ['trait', 'plan', 'gold'],
        ['trait', 'seats', 5],
        ['trait', 'on_hold', false],
      ],
    },
  },
  {
    name: 'SQL trait, identifiers are no traits',
    payload: sql({ user_id: 'u_1', email: 'a@example.com', seats: 5 }),
    expected: {
      changes: [
        ['trait', 'seats', 5],
        ['enrichment', 'user_id', 'u_1'],
        ['enrichment', 'email', 'a@example.com'],
      ],
    },
  },
  {
    name: 'SQL trait, anonymous_id and group_id',
    payload: sql({ anonymous_id: 'a', group_id: 'g', seats: 5 }),
    expected: {
      changes: [
        ['trait', 'seats', 5],
        ['enrichment', 'anonymous_id', 'a'],
        ['enrichment', 'group_id', 'g'],
      ],
    },
  },
  {
    name: 'SQL trait, the user left the query',
    payload: sql({ plan: null, seats: null }),
    expected: {
      changes: [
        ['trait', 'plan', null],
        ['trait', 'seats', null],
      ],
    },
  },
  {
    name: 'SQL trait, a column named like the computation',
    payload: sql({ erp_account: 'x', seats: 5 }),
    expected: {
      changes: [
        ['trait', 'erp_account', 'x'],
        ['enrichment', 'seats', 5],
      ],
    },
  },
  {
    name: 'SQL trait, nothing but identifiers',
    payload: sql({ email: 'a@example.com' }),
    expected: { rejected: 'RECORD_NO_VALUE' },
  },
  { name: 'SQL trait, no columns', payload: sql({}), expected: { rejected: 'RECORD_NO_VALUE' } },
  {
    name: 'SQL trait, a column named constructor',
    payload: sql({ constructor: 'x' }),
    expected: { changes: [['trait', 'constructor', 'x']] },
  },
]

/** Payloads of traits. */
export const TRAIT_CASES = [...FORMS, ...CLASSES, ...SQL]
