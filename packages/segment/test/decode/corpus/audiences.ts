import { call, parsed, TIME } from './build.ts'
import type { CorpusCase, Parts } from './build.ts'

const audience = (value: unknown, more: Parts = {}, beside: object = {}): Record<string, unknown> =>
  call({
    class: 'audience',
    key: 'vip',
    body: { ...(value === undefined ? {} : { vip: value }), ...beside },
    ...more,
  })
const entered = { type: 'track', top: { event: 'Audience Entered' } } as const
const is = (value: unknown): CorpusCase['expected'] => ({
  changes: [['audience', 'vip', value]],
  user: 'u_1',
  time: TIME,
})

/** Audiences as identify and track calls. */
const MEMBERSHIPS: readonly CorpusCase[] = [
  { name: 'audience, identify, enter', payload: audience(true), expected: is(true) },
  { name: 'audience, identify, exit', payload: audience(false), expected: is(false) },
  { name: 'audience, identify, text true', payload: audience('true'), expected: is(true) },
  { name: 'audience, identify, text TRUE', payload: audience('TRUE'), expected: is(true) },
  { name: 'audience, identify, text False', payload: audience(' False'), expected: is(false) },
  { name: 'audience, identify, text false', payload: audience('false'), expected: is(false) },
  { name: 'audience, identify, null', payload: audience(null), expected: is(null) },
  {
    name: 'audience, track, enter',
    payload: audience(true, entered, { audience_key: 'vip' }),
    expected: is(true),
  },
  {
    name: 'audience, track, exit',
    payload: audience(
      false,
      { type: 'track', top: { event: 'Audience Exited' } },
      { audience_key: 'vip' },
    ),
    expected: is(false),
  },
  {
    name: 'audience, track, text false',
    payload: audience('false', entered, { audience_key: 'vip' }),
    expected: is(false),
  },
  {
    name: 'audience, track, null',
    payload: audience(null, entered, { audience_key: 'vip' }),
    expected: is(null),
  },
  {
    name: 'audience, track, without audience_key',
    payload: audience(true, entered),
    expected: is(true),
  },
  {
    name: 'audience, track, renamed event',
    payload: audience(
      true,
      { type: 'track', top: { event: 'Joined the club' } },
      { audience_key: 'vip' },
    ),
    expected: is(true),
  },
  {
    name: 'audience, track, the event name says the opposite',
    payload: audience(false, entered, { audience_key: 'vip' }),
    expected: is(false),
  },
  {
    name: 'audience, track, no event name',
    payload: audience(true, { type: 'track' }),
    expected: is(true),
  },
  {
    name: 'audience, key only in audience_key',
    payload: audience(true, { ...entered, key: undefined }, { audience_key: 'vip' }),
    expected: is(true),
  },
  {
    name: 'audience, empty computation_key',
    payload: audience(true, { ...entered, key: '' }, { audience_key: 'vip' }),
    expected: is(true),
  },
  {
    name: 'audience, computation_key wins over audience_key',
    payload: audience(true, entered, { audience_key: 'other' }),
    expected: is(true),
  },
  {
    name: 'audience, settings and external id in the block',
    payload: audience(true, {
      personas: {
        computation_class: 'audience',
        computation_key: 'vip',
        external_audience_id: 'x1',
        audience_settings: { a: 1 },
      },
    }),
    expected: is(true),
  },
  {
    name: 'audience, a number',
    payload: audience(1),
    expected: { rejected: 'RECORD_NO_MEMBERSHIP' },
  },
  {
    name: 'audience, another text',
    payload: audience('yes'),
    expected: { rejected: 'RECORD_NO_MEMBERSHIP' },
  },
  {
    name: 'audience, text True',
    payload: audience('True'),
    expected: is(true),
  },
  {
    name: 'audience, an empty text',
    payload: audience(''),
    expected: { rejected: 'RECORD_NO_MEMBERSHIP' },
  },
  {
    name: 'audience, a list',
    payload: audience([true]),
    expected: { rejected: 'RECORD_NO_MEMBERSHIP' },
  },
  {
    name: 'audience, an object',
    payload: audience({ member: true }),
    expected: { rejected: 'RECORD_NO_MEMBERSHIP' },
  },
  {
    name: 'audience, identify, no member',
    payload: audience(undefined),
    expected: { rejected: 'RECORD_NO_VALUE' },
  },
  {
    name: 'audience, track, no member',
    payload: audience(undefined, entered, { audience_key: 'vip' }),
    expected: { rejected: 'RECORD_NO_VALUE' },
  },
  {
    name: 'audience, traits missing',
    payload: call({ class: 'audience', key: 'vip' }),
    expected: { rejected: 'RECORD_NO_VALUE' },
  },
  {
    name: 'audience, traits null',
    payload: call({ class: 'audience', key: 'vip', body: null }),
    expected: { rejected: 'RECORD_NO_VALUE' },
  },
  {
    name: 'audience, traits a list',
    payload: call({ class: 'audience', key: 'vip', body: [true] }),
    expected: { rejected: 'RECORD_NO_VALUE' },
  },
]

const step = { class: 'audience', key: 'j_o_welcome__step_2_a1b2' } as const
const v2 = {
  class: 'journey_step',
  key: 'winback__step_8943l',
  type: 'track',
  top: { event: 'Send winback' },
} as const
const journeyContext = {
  journey_context: { 'Order Completed': { total: 10 } },
  journey_metadata: { journey_id: 'j1', epoch_id: 'e1' },
}
const journeyBeside = [
  ['enrichment', 'journey_context', journeyContext.journey_context],
  ['enrichment', 'journey_metadata', journeyContext.journey_metadata],
] as const

/** Journeys of both versions. */
const JOURNEYS: readonly CorpusCase[] = [
  {
    name: 'journey V1, track',
    payload: call({ ...step, type: 'track', body: { audience_key: step.key, [step.key]: true } }),
    expected: { changes: [['audience', step.key, true]] },
  },
  {
    name: 'journey V1, text value of the documentation',
    payload: call({ ...step, type: 'track', body: { [step.key]: 'true' } }),
    expected: { changes: [['audience', step.key, true]] },
  },
  {
    name: 'journey V1, identify',
    payload: call({ ...step, body: { [step.key]: true, email: 'a@example.com' } }),
    expected: {
      changes: [
        ['audience', step.key, true],
        ['enrichment', 'email', 'a@example.com'],
      ],
    },
  },
  {
    name: 'journey V1, exit settings',
    payload: call({ ...step, type: 'track', body: { [step.key]: false } }),
    expected: { changes: [['audience', step.key, false]] },
  },
  {
    name: 'journey V2, step entered has no member',
    payload: call({ ...v2, body: journeyContext }),
    expected: { changes: [['audience', v2.key, true], ...journeyBeside] },
  },
  {
    name: 'journey V2, no properties',
    payload: call({ ...v2 }),
    expected: { changes: [['audience', v2.key, true]] },
  },
  {
    name: 'journey V2, all events with a member, entered',
    payload: call({ ...v2, body: { [v2.key]: true, ...journeyContext } }),
    expected: { changes: [['audience', v2.key, true], ...journeyBeside] },
  },
  {
    name: 'journey V2, all events with a member, exited',
    payload: call({ ...v2, body: { [v2.key]: false } }),
    expected: { changes: [['audience', v2.key, false]] },
  },
  {
    name: 'journey V2, member as text',
    payload: call({ ...v2, body: { [v2.key]: 'false' } }),
    expected: { changes: [['audience', v2.key, false]] },
  },
  {
    name: 'journey V2, a value that is no boolean says that the step was entered',
    payload: call({ ...v2, body: { [v2.key]: 3 } }),
    expected: { changes: [['audience', v2.key, true]] },
  },
  {
    name: 'journey V2, profile traits beside',
    payload: call({ ...v2, body: { plan: 'gold' } }),
    expected: {
      changes: [
        ['audience', v2.key, true],
        ['enrichment', 'plan', 'gold'],
      ],
    },
  },
  {
    name: 'journey V2, an entity directly in properties',
    payload: call({ ...v2, body: { Store: { city: 'Lyon' } } }),
    expected: {
      changes: [
        ['audience', v2.key, true],
        ['enrichment', 'Store', { city: 'Lyon' }],
      ],
    },
  },
  {
    name: 'journey V2, opaque message id',
    payload: call({ ...v2, top: { messageId: 'abcdefghijklmnopqrstu' } }),
    expected: { changes: [['audience', v2.key, true]] },
  },
  {
    name: 'journey step as identify without a member',
    payload: call({ ...v2, type: 'identify', body: {} }),
    expected: { rejected: 'RECORD_NO_VALUE' },
  },
]

const linked = { class: 'audience', key: 'store_members', type: 'track' } as const

/** Linked audiences. */
const LINKED: readonly CorpusCase[] = [
  {
    name: 'linked audience, profile enters',
    payload: call({
      ...linked,
      body: { audience_key: 'store_members', store_members: true, plan: 'gold' },
    }),
    expected: {
      changes: [
        ['audience', 'store_members', true],
        ['enrichment', 'plan', 'gold'],
      ],
    },
  },
  {
    name: 'linked audience, profile exits',
    payload: call({ ...linked, body: { audience_key: 'store_members', store_members: false } }),
    expected: { changes: [['audience', 'store_members', false]] },
  },
  {
    name: 'linked audience, membership changed',
    payload: call({ ...linked, type: 'identify', body: { store_members: true } }),
    expected: { changes: [['audience', 'store_members', true]] },
  },
  {
    name: 'linked audience, entity enters',
    payload: call({
      ...linked,
      body: {
        audience_key: 'store_members',
        __entity: 'store',
        store__city: 'Lyon',
        data_graph_entity_context: {},
      },
    }),
    expected: { skipped: 'SKIPPED_ENTITY_EVENT' },
  },
  {
    name: 'linked audience, entity tree only',
    payload: call({
      ...linked,
      body: { audience_key: 'store_members', data_graph_entity_context: { a: 1 } },
    }),
    expected: { skipped: 'SKIPPED_ENTITY_EVENT' },
  },
  {
    name: 'linked audience, columns and children beside a member',
    payload: call({
      ...linked,
      body: {
        store_members: true,
        store__city: 'Lyon',
        store__products: [{ sku: 'a', __entity: 'product' }],
      },
    }),
    expected: {
      changes: [
        ['audience', 'store_members', true],
        ['enrichment', 'store__city', 'Lyon'],
        ['enrichment', 'store__products', [{ sku: 'a', __entity: 'product' }]],
      ],
    },
  },
  {
    name: 'linked audience, emitter and run ids',
    payload: call({
      type: 'track',
      personas: {
        computation_class: 'audience',
        computation_key: 'store_members',
        event_emitter_id: 'e1',
        computation_run_id: 'r1',
      },
      body: { store_members: true },
    }),
    expected: { changes: [['audience', 'store_members', true]] },
  },
]

const account = { class: 'audience', key: 'big_accounts' } as const

/** Accounts, enrichment, names that are special elsewhere. */
const OTHERS: readonly CorpusCase[] = [
  {
    name: 'account-level audience as group',
    payload: call({
      ...account,
      type: 'group',
      body: { big_accounts: true },
      top: { groupId: 'g1', userId: undefined },
    }),
    expected: { skipped: 'SKIPPED_ACCOUNT_LEVEL' },
  },
  {
    name: 'account-level group with an anonymous id only',
    payload: call({
      ...account,
      type: 'group',
      body: { big_accounts: true },
      top: { groupId: 'g1', userId: undefined, anonymousId: 'a1' },
    }),
    expected: { skipped: 'SKIPPED_ACCOUNT_LEVEL' },
  },
  {
    name: 'account-level SQL trait that names a user',
    payload: call({
      class: 'trait',
      key: 'big_accounts',
      type: 'group',
      body: { seats: 5 },
      top: { groupId: 'g1' },
    }),
    expected: { changes: [['trait', 'seats', 5]], user: 'u_1' },
  },
  {
    name: 'account-level audience as identify per user',
    payload: call({ ...account, body: { big_accounts: true } }),
    expected: { changes: [['audience', 'big_accounts', true]] },
  },
  {
    name: 'account-level audience as track per user',
    payload: call({
      ...account,
      type: 'track',
      body: { audience_key: 'big_accounts', big_accounts: false },
    }),
    expected: { changes: [['audience', 'big_accounts', false]] },
  },
  {
    name: 'plain group call',
    payload: call({
      type: 'group',
      personas: null,
      body: { name: 'Acme' },
      top: { groupId: 'g1' },
    }),
    expected: { skipped: 'SKIPPED_NOT_ENGAGE' },
  },
  {
    name: 'audience with enrichment',
    payload: audience(
      true,
      {},
      { email: 'a@example.com', firstName: 'Ada', address: { city: 'Zürich' } },
    ),
    expected: {
      changes: [
        ['audience', 'vip', true],
        ['enrichment', 'email', 'a@example.com'],
        ['enrichment', 'firstName', 'Ada'],
        ['enrichment', 'address', { city: 'Zürich' }],
      ],
    },
  },
  {
    name: 'enrichment comes after the computation whatever its place',
    payload: call({ class: 'audience', key: 'vip', body: { firstName: 'Ada', vip: true } }),
    expected: {
      changes: [
        ['audience', 'vip', true],
        ['enrichment', 'firstName', 'Ada'],
      ],
    },
  },
  {
    name: 'enrichment of null',
    payload: audience(true, {}, { firstName: null }),
    expected: {
      changes: [
        ['audience', 'vip', true],
        ['enrichment', 'firstName', null],
      ],
    },
  },
  {
    name: 'mobile ids mapped by ID sync',
    payload: audience(true, entered, { android_idfa: 'x' }),
    expected: {
      changes: [
        ['audience', 'vip', true],
        ['enrichment', 'android_idfa', 'x'],
      ],
    },
  },
  {
    name: 'trait_key beside an audience is no enrichment',
    payload: audience(true, entered, { trait_key: 'vip' }),
    expected: is(true),
  },
  {
    name: 'audience named __proto__',
    payload: parsed(
      JSON.stringify(call({ class: 'audience', key: '__proto__' })).replace(
        '"writeKey"',
        '"traits":{"__proto__":true},"writeKey"',
      ),
    ),
    expected: { changes: [['audience', '__proto__', true]] },
  },
  {
    name: 'audience named constructor',
    payload: call({ class: 'audience', key: 'constructor', body: { constructor: true } }),
    expected: { changes: [['audience', 'constructor', true]] },
  },
  {
    name: 'audience named constructor without a member',
    payload: call({ class: 'audience', key: 'constructor', body: {} }),
    expected: { rejected: 'RECORD_NO_VALUE' },
  },
  {
    name: 'audience named toString without a member',
    payload: call({ class: 'trait', key: 'toString', type: 'track', body: {} }),
    expected: { rejected: 'RECORD_NO_VALUE' },
  },
  {
    name: 'enrichment named __proto__',
    payload: parsed(
      JSON.stringify(audience(true)).replace(
        '"vip":true',
        '"vip":true,"__proto__":{"polluted":true}',
      ),
    ),
    expected: {
      changes: [
        ['audience', 'vip', true],
        ['enrichment', '__proto__', parsed('{"polluted":true}')],
      ],
    },
  },
]

/** Payloads of audiences. */
export const AUDIENCE_CASES = [...MEMBERSHIPS, ...JOURNEYS, ...LINKED, ...OTHERS]
