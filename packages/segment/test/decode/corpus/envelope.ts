import type { WantedKey } from '@engage-sync/contract'
import { call, parsed, TIME } from './build.ts'
import type { CorpusCase, Parts } from './build.ts'

const trait = (more: Parts = {}): Record<string, unknown> =>
  call({ class: 'trait', key: 'score', body: { score: 1 }, ...more })
const is = (user: string, ids: Readonly<Record<string, string>> = {}): CorpusCase['expected'] => ({
  changes: [['trait', 'score', 1]],
  user,
  ids,
})
const at = (time: number): CorpusCase['expected'] => ({ changes: [['trait', 'score', 1]], time })
const nobody = { userId: undefined } as const
const withEmail = {
  changes: [
    ['trait', 'score', 1],
    ['enrichment', 'email', 'a@example.com'],
  ],
} as const

const IDENTIFIERS: readonly CorpusCase[] = [
  {
    name: 'anonymous id only',
    payload: trait({ top: { ...nobody, anonymousId: 'a1' } }),
    expected: is('a1', { anonymous_id: 'a1' }),
  },
  {
    name: 'both ids',
    payload: trait({ top: { anonymousId: 'a1' } }),
    expected: is('u_1', { user_id: 'u_1', anonymous_id: 'a1' }),
  },
  {
    name: 'email only, in traits',
    payload: trait({ top: nobody, body: { score: 1, email: 'a@example.com' } }),
    expected: { ...withEmail, user: 'a@example.com' },
  },
  {
    name: 'email only, in context',
    payload: trait({ type: 'track', top: nobody, context: { traits: { email: 'a@example.com' } } }),
    expected: is('a@example.com', { email: 'a@example.com' }),
  },
  {
    name: 'email only, in properties',
    payload: trait({ type: 'track', top: nobody, body: { score: 1, email: 'a@example.com' } }),
    expected: { ...withEmail, user: 'a@example.com' },
  },
  {
    name: 'email of context wins over properties',
    payload: trait({
      type: 'track',
      body: { score: 1, email: 'p@example.com' },
      context: { traits: { email: 'c@example.com' } },
    }),
    expected: {
      changes: [
        ['trait', 'score', 1],
        ['enrichment', 'email', 'p@example.com'],
      ],
      ids: { email: 'c@example.com' },
    },
  },
  {
    name: 'external ids of users',
    payload: trait({
      context: {
        externalIds: [{ id: 'c9', type: 'crm_id', collection: 'users', encoding: 'none' }],
      },
    }),
    expected: is('u_1', { crm_id: 'c9' }),
  },
  {
    name: 'external id alone',
    payload: trait({
      top: nobody,
      context: {
        externalIds: [{ id: 'c9', type: 'crm_id', collection: 'users', encoding: 'none' }],
      },
    }),
    expected: { changes: [['trait', 'score', 1]], ids: { crm_id: 'c9' } },
  },
  {
    name: 'external id of an account',
    payload: trait({
      top: nobody,
      context: {
        externalIds: [{ id: 'g1', type: 'group_id', collection: 'accounts', encoding: 'none' }],
      },
    }),
    expected: { rejected: 'RECORD_NO_IDENTIFIER' },
  },
  {
    name: 'external id that is hashed',
    payload: trait({
      top: nobody,
      context: {
        externalIds: [{ id: 'c9', type: 'crm_id', collection: 'users', encoding: 'sha256' }],
      },
    }),
    expected: { rejected: 'RECORD_NO_IDENTIFIER' },
  },
  {
    name: 'the first external id of a type',
    payload: trait({
      context: {
        externalIds: [
          { id: 'c1', type: 'crm_id' },
          { id: 'c2', type: 'crm_id' },
        ],
      },
    }),
    expected: is('u_1', { crm_id: 'c1' }),
  },
  {
    name: 'the top level wins over the list',
    payload: trait({ context: { externalIds: [{ id: 'u_9', type: 'user_id' }] } }),
    expected: is('u_1', { user_id: 'u_1' }),
  },
  {
    name: 'iOS ids',
    payload: trait({
      context: { device: { type: 'ios', id: 'd1', advertisingId: 'IDFA', token: 't1' } },
    }),
    expected: is('u_1', { 'ios.id': 'd1', 'ios.idfa': 'IDFA', 'ios.push_token': 't1' }),
  },
  {
    name: 'Android ids',
    payload: trait({
      context: { device: { type: 'Android', advertisingId: 'GAID', adTrackingEnabled: true } },
    }),
    expected: is('u_1', { 'android.idfa': 'GAID' }),
  },
  {
    name: 'Android id without consent',
    payload: trait({
      top: nobody,
      context: { device: { type: 'android', advertisingId: 'GAID', adTrackingEnabled: false } },
    }),
    expected: { rejected: 'RECORD_NO_IDENTIFIER' },
  },
  {
    name: 'device of another type',
    payload: trait({ top: nobody, context: { device: { type: 'tv', id: 'd1' } } }),
    expected: { rejected: 'RECORD_NO_IDENTIFIER' },
  },
  {
    name: 'cross domain id and GA client id',
    payload: trait({
      context: {
        traits: { crossDomainId: 'x1' },
        integrations: { 'Google Analytics': { clientId: 'ga1' } },
      },
    }),
    expected: is('u_1', { cross_domain_id: 'x1', ga_client_id: 'ga1' }),
  },
  {
    name: 'nobody',
    payload: trait({ top: nobody }),
    expected: { rejected: 'RECORD_NO_IDENTIFIER' },
  },
  {
    name: 'user id null',
    payload: trait({ top: { userId: null } }),
    expected: { rejected: 'RECORD_NO_IDENTIFIER' },
  },
  {
    name: 'user id empty',
    payload: trait({ top: { userId: '' } }),
    expected: { rejected: 'RECORD_NO_IDENTIFIER' },
  },
  { name: 'user id a number', payload: trait({ top: { userId: 42 } }), expected: is('42') },
  {
    name: 'user id a long number',
    payload: trait({ top: { userId: 9007199254740993n } }),
    expected: is('9007199254740993'),
  },
  {
    name: 'user id a fraction',
    payload: trait({ top: { userId: 4.2 } }),
    expected: { rejected: 'RECORD_NO_IDENTIFIER' },
  },
  {
    name: 'user id blank',
    payload: trait({ top: { userId: ' \t\u00a0' } }),
    expected: { rejected: 'RECORD_NO_IDENTIFIER' },
  },
  {
    name: 'user id with spaces around it',
    payload: trait({ top: { userId: ' ben ' } }),
    expected: is('ben'),
  },
  {
    name: 'user id no UTF-8 can hold',
    payload: trait({ top: { userId: 'u\ud800' } }),
    expected: { rejected: 'RECORD_NO_IDENTIFIER' },
  },
  {
    name: 'user id with a quote and a letter beyond ASCII',
    payload: trait({ top: { userId: 'ü"1' } }),
    expected: is('ü"1'),
  },
]

const TIMES: readonly CorpusCase[] = [
  { name: 'timestamp', payload: trait(), expected: at(TIME) },
  {
    name: 'timestamp with nanoseconds',
    payload: trait({ top: { timestamp: '2026-01-05T10:00:00.123999999Z' } }),
    expected: at(TIME),
  },
  {
    name: 'timestamp without a fraction',
    payload: trait({ top: { timestamp: '2026-01-05T10:00:00Z' } }),
    expected: at(TIME - 123),
  },
  {
    name: 'timestamp with an offset',
    payload: trait({ top: { timestamp: '2026-01-05T12:00:00.123+02:00' } }),
    expected: at(TIME),
  },
  {
    name: 'timestamp west of Greenwich',
    payload: trait({ top: { timestamp: '2026-01-05T04:30:00.123-05:30' } }),
    expected: at(TIME),
  },
  {
    name: 'leap day',
    payload: trait({ top: { timestamp: '2024-02-29T00:00:00Z' } }),
    expected: at(Date.UTC(2024, 1, 29)),
  },
  {
    name: 'a time in the future',
    payload: trait({ top: { timestamp: '2999-01-01T00:00:00Z' } }),
    expected: at(Date.UTC(2999, 0, 1)),
  },
  {
    name: 'receivedAt by configuration',
    payload: trait(),
    options: { timeField: 'receivedAt' },
    expected: at(Date.UTC(2026, 0, 5, 10, 0, 9)),
  },
  {
    name: 'originalTimestamp by configuration',
    payload: trait({ top: { originalTimestamp: '2026-01-04T00:00:00Z' } }),
    options: { timeField: 'originalTimestamp' },
    expected: at(Date.UTC(2026, 0, 4)),
  },
  {
    name: 'no timestamp, the original one',
    payload: trait({ top: { timestamp: undefined } }),
    expected: at(TIME),
  },
  {
    name: 'timestamp null, the original one',
    payload: trait({ top: { timestamp: null } }),
    expected: at(TIME),
  },
  {
    name: 'no time at all',
    payload: trait({
      top: { timestamp: undefined, originalTimestamp: undefined, receivedAt: undefined },
    }),
    expected: { rejected: 'RECORD_NO_TIME' },
  },
  {
    name: 'timestamp a number',
    payload: trait({ top: { timestamp: TIME } }),
    expected: { rejected: 'RECORD_NO_TIME' },
  },
  {
    name: 'timestamp a day that is none',
    payload: trait({ top: { timestamp: '2026-02-30T00:00:00Z' } }),
    expected: { rejected: 'RECORD_NO_TIME' },
  },
  {
    name: 'timestamp in words',
    payload: trait({ top: { timestamp: 'yesterday' } }),
    expected: { rejected: 'RECORD_NO_TIME' },
  },
  {
    name: 'timestamp without a zone',
    payload: trait({ top: { timestamp: '2026-01-05T10:00:00' } }),
    expected: { rejected: 'RECORD_NO_TIME' },
  },
]

const keys: readonly WantedKey[] = [
  { kind: 'trait', key: 'score', path: [] },
  { kind: 'audience', key: 'vip', path: [] },
  { kind: 'enrichment', key: 'firstName', path: [] },
]
const plain = (more: Parts): Record<string, unknown> => call({ personas: null, ...more })

const WITHOUT_PERSONAS: readonly CorpusCase[] = [
  {
    name: 'no personas, nothing configured',
    payload: plain({ body: { score: 1 } }),
    expected: { skipped: 'SKIPPED_NOT_ENGAGE' },
  },
  {
    name: 'no personas, a configured trait',
    payload: plain({ body: { score: 1 } }),
    options: { keys },
    expected: is('u_1'),
  },
  {
    name: 'no personas, both kinds and enrichment',
    payload: plain({ body: { vip: true, score: 1, firstName: 'Ada' } }),
    options: { keys },
    expected: {
      changes: [
        ['trait', 'score', 1],
        ['audience', 'vip', true],
        ['enrichment', 'firstName', 'Ada'],
      ],
    },
  },
  {
    name: 'no personas, a text membership',
    payload: plain({ body: { vip: 'false' } }),
    options: { keys },
    expected: { changes: [['audience', 'vip', false]] },
  },
  {
    name: 'no personas, an audience name with no boolean',
    payload: plain({ body: { vip: 'gold' } }),
    options: { keys },
    expected: { skipped: 'SKIPPED_NOT_ENGAGE' },
  },
  {
    name: 'no personas, enrichment alone is no computation',
    payload: plain({ body: { firstName: 'Ada' } }),
    options: { keys },
    expected: { skipped: 'SKIPPED_NOT_ENGAGE' },
  },
  {
    name: 'no personas, track that names its audience',
    payload: plain({ type: 'track', body: { audience_key: 'vip', vip: true } }),
    options: { keys },
    expected: { changes: [['audience', 'vip', true]] },
  },
  {
    name: 'no personas, track that names its trait',
    payload: plain({ type: 'track', body: { trait_key: 'score', score: 1 } }),
    options: { keys },
    expected: is('u_1'),
  },
  {
    name: 'no personas, default event name',
    payload: plain({ type: 'track', top: { event: 'Audience Entered' }, body: { vip: true } }),
    options: { keys },
    expected: { changes: [['audience', 'vip', true]] },
  },
  {
    name: 'no personas, any other track call',
    payload: plain({ type: 'track', top: { event: 'Product Viewed' }, body: { score: 1 } }),
    options: { keys },
    expected: { skipped: 'SKIPPED_NOT_ENGAGE' },
  },
  {
    name: 'no personas, another audience',
    payload: plain({
      type: 'track',
      top: { event: 'Audience Entered' },
      body: { audience_key: 'other', other: true, vip: true },
    }),
    options: { keys },
    expected: { skipped: 'SKIPPED_NOT_ENGAGE' },
  },
  {
    name: 'personas null',
    payload: call({
      class: 'trait',
      key: 'score',
      context: { personas: null },
      body: { score: 1 },
    }),
    expected: { skipped: 'SKIPPED_NOT_ENGAGE' },
  },
  {
    name: 'context null',
    payload: { ...trait(), context: null },
    expected: { skipped: 'SKIPPED_NOT_ENGAGE' },
  },
]

const OTHER_CALLS: readonly CorpusCase[] = [
  ...['page', 'screen', 'alias'].map((type): CorpusCase => ({
    name: `${type} call`,
    payload: { type, userId: 'u_1' },
    expected: { skipped: 'SKIPPED_NOT_ENGAGE' },
  })),
  {
    name: 'delete',
    payload: { type: 'delete', userId: 'u_1', timestamp: '2026-01-05T10:00:00.123Z' },
    expected: { deleted: 'u_1' },
  },
  {
    name: 'delete of nobody',
    payload: { type: 'delete', timestamp: '2026-01-05T10:00:00.123Z' },
    expected: { rejected: 'RECORD_NO_IDENTIFIER' },
  },
  {
    name: 'delete without a time',
    payload: { type: 'delete', userId: 'u_1' },
    expected: { rejected: 'RECORD_NO_TIME' },
  },
  {
    name: 'a type nobody knows',
    payload: { type: 'Identify', traits: {} },
    expected: { rejected: 'RECORD_NOT_EVENT' },
  },
  {
    name: 'a type that is no text',
    payload: { type: 5, traits: {} },
    expected: { rejected: 'RECORD_NOT_EVENT' },
  },
  {
    name: 'no type, but an event',
    payload: { ...trait({ type: 'track' }), type: undefined, event: 'Trait Computed' },
    expected: is('u_1'),
  },
  { name: 'no type, but traits', payload: { ...trait(), type: undefined }, expected: is('u_1') },
  {
    name: 'an object that is no event',
    payload: { hello: 'world' },
    expected: { rejected: 'RECORD_NOT_EVENT' },
  },
  ...[null, true, 7, 'text', undefined].map((payload): CorpusCase => ({
    name: `${String(payload)} alone`,
    payload,
    expected: { rejected: 'RECORD_NOT_EVENT' },
  })),
]

const NOW = TIME - 24 * 60 * 60 * 1000

const AHEAD: readonly CorpusCase[] = [
  { name: 'time a day ahead', payload: trait(), options: { nowMs: NOW }, expected: at(TIME) },
  {
    name: 'time more than a day ahead, received in time',
    payload: trait({
      top: { timestamp: '2099-01-01T00:00:00Z', receivedAt: '2026-01-05T09:00:00Z' },
    }),
    options: { nowMs: NOW },
    expected: at(Date.UTC(2026, 0, 5, 9)),
  },
  {
    name: 'time more than a day ahead, received as late',
    payload: trait({
      top: { timestamp: '2099-01-01T00:00:00Z', receivedAt: '2099-01-01T00:00:00Z' },
    }),
    options: { nowMs: NOW },
    expected: { rejected: 'RECORD_TIME_FUTURE' },
  },
  {
    name: 'time more than a day ahead, and nobody says when it was received',
    payload: trait({ top: { timestamp: '2099-01-01T00:00:00Z', receivedAt: undefined } }),
    options: { nowMs: NOW },
    expected: { rejected: 'RECORD_TIME_FUTURE' },
  },
  {
    name: 'delete more than a day ahead',
    payload: { type: 'delete', userId: 'u_1', timestamp: '2099-01-01T00:00:00Z' },
    options: { nowMs: NOW },
    expected: { rejected: 'RECORD_TIME_FUTURE' },
  },
]

const trust = { unmarked: false, deletes: false, client: false, spaceId: 'spa_other' }
const DISTRUSTED: readonly CorpusCase[] = [
  {
    name: 'computation of another space',
    payload: trait(),
    options: { trust },
    expected: { skipped: 'SKIPPED_OTHER_SPACE' },
  },
  {
    name: 'computation of a browser',
    payload: trait({ top: { channel: 'client' } }),
    options: { trust },
    expected: { skipped: 'SKIPPED_CLIENT' },
  },
  {
    name: 'computation that nobody marked',
    payload: plain({ body: { score: 1 } }),
    options: { trust, keys: [{ kind: 'trait', key: 'score', path: [] }] },
    expected: { skipped: 'SKIPPED_UNMARKED' },
  },
  {
    name: 'deletion where none is trusted',
    payload: { type: 'delete', userId: 'u_1', timestamp: '2026-01-05T10:00:00Z' },
    options: { trust },
    expected: { skipped: 'SKIPPED_DELETE' },
  },
]

const WRAPPERS: readonly CorpusCase[] = [
  { name: 'array of one', payload: [trait()], expected: is('u_1') },
  { name: 'array of two', payload: [trait(), trait()], expected: { rejected: 'RECORD_IS_BATCH' } },
  { name: 'empty array', payload: [], expected: { rejected: 'RECORD_NOT_EVENT' } },
  { name: 'batch of one', payload: { batch: [trait()], sentAt: null }, expected: is('u_1') },
  {
    name: 'batch with a shared context',
    payload: { batch: [{ ...trait(), context: undefined }], context: trait().context },
    expected: is('u_1'),
  },
  { name: 'json of the extensible webhook', payload: { json: trait() }, expected: is('u_1') },
  { name: 'array of json', payload: [{ json: trait() }], expected: is('u_1') },
  {
    name: 'event and settings of a function',
    payload: { event: trait(), settings: { apiKey: 'x' } },
    expected: is('u_1'),
  },
  { name: 'events of a function', payload: { events: [trait()] }, expected: is('u_1') },
  { name: 'payload of a function', payload: { payload: trait() }, expected: is('u_1') },
  {
    name: 'Kafka record with an object',
    payload: { key: 'u_1', value: trait(), headers: {} },
    expected: is('u_1'),
  },
  {
    name: 'Kafka record with text',
    payload: { key: 'u_1', value: JSON.stringify(trait()) },
    expected: is('u_1'),
  },
  {
    name: 'Kafka record with other text',
    payload: { key: 'u_1', value: 'hello' },
    expected: { rejected: 'RECORD_NOT_EVENT' },
  },
  {
    name: 'Pub/Sub push',
    payload: {
      message: { data: Buffer.from(JSON.stringify(trait())).toString('base64'), messageId: '1' },
      subscription: 's',
    },
    expected: is('u_1'),
  },
  {
    name: 'wrappers without end',
    payload: parsed(`${'['.repeat(3000)}${']'.repeat(3000)}`),
    expected: { rejected: 'RECORD_NOT_EVENT' },
  },
]

/** Payloads about users, times, other calls and wrappers. */
export const ENVELOPE_CASES = [
  ...IDENTIFIERS,
  ...TIMES,
  ...AHEAD,
  ...DISTRUSTED,
  ...WITHOUT_PERSONAS,
  ...OTHER_CALLS,
  ...WRAPPERS,
]
