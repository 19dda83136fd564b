import { generateEvents } from '@engage-sync/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DecodePlan, IdentityRule, WantedKey } from '@engage-sync/contract'
import { ExactDecoder } from '../../../src/decode/row/exact-decoder.ts'
import { HotDecoder } from '../../../src/decode/hot/hot-decoder.ts'
import { plainRow } from '../row-text.ts'

const KEYS: readonly WantedKey[] = [
  { kind: 'trait', key: 'score', path: [] },
  { kind: 'trait', key: 'home', path: ['city'] },
  { kind: 'trait', key: 'home', path: [] },
  { kind: 'trait', key: '__proto__', path: [] },
  { kind: 'audience', key: 'vip', path: [] },
  { kind: 'audience', key: 'größe', path: [] },
  { kind: 'enrichment', key: 'firstName', path: [] },
  { kind: 'enrichment', key: 'address', path: ['city', 'name'] },
  { kind: 'enrichment', key: 'email', path: [] },
  { kind: 'enrichment', key: 'audience_key', path: [] },
]

const ALIAS: IdentityRule['alias'] = { from: 'anonymousId', label: 'anonymous' }
const PLANS: readonly DecodePlan[] = [
  {
    keys: KEYS,
    identities: [{ externalId: { from: 'userId' }, alias: ALIAS }],
    timeField: 'timestamp',
  },
  {
    keys: KEYS,
    identities: [
      { externalId: { from: 'email' }, alias: null },
      { externalId: { from: 'externalIds', type: 'crm_id' }, alias: ALIAS },
      {
        externalId: { from: 'externalIds', type: 'user_id' },
        alias: { from: 'email', label: 'email' },
      },
      { externalId: { from: 'traits', path: ['account'] }, alias: null },
    ],
    timeField: 'receivedAt',
  },
  {
    keys: [],
    identities: [{ externalId: { from: 'userId' }, alias: null }],
    timeField: 'originalTimestamp',
  },
  {
    keys: KEYS.slice(0, 2),
    identities: [
      { externalId: { from: 'externalIds', type: 'ios.idfa' }, alias: null },
      { externalId: { from: 'traits', path: ['home', 'id'] }, alias: null },
    ],
    timeField: 'timestamp',
  },
  {
    keys: KEYS,
    only: Uint8Array.from(KEYS, ({ key }) =>
      Number(key === 'score' || key === 'größe' || key === 'email'),
    ),
    identities: [{ externalId: { from: 'userId' }, alias: ALIAS }],
    timeField: 'timestamp',
  },
  {
    keys: KEYS,
    identities: [
      {
        externalId: { from: 'userId' },
        alias: { from: 'email', label: 'email' },
        lowerCase: true,
        refuse: ['null', '-1', 'u_1', 'ü_3'],
      },
      { externalId: { from: 'email' }, alias: ALIAS, lowerCase: true, refuse: ['a@b.example'] },
    ],
    timeField: 'timestamp',
    nowMs: Date.parse('2026-01-05T10:00:00Z'),
    trust: { unmarked: false, deletes: true, client: false, spaceId: 'spa_1' },
  },
]

const CHUNK_BYTES = 512 * 1024
/** What stands before a record in its chunk. */
const BEFORE = '"}}\n'

/**
 * Both decoders on the same record, twice: the second time its shape may be known.
 *
 * Records stand inside a larger chunk, whose buffer every record overwrites, as sources do.
 */
class Pair {
  readonly project: HotDecoder
  readonly exact: ExactDecoder
  readonly plan: DecodePlan
  readonly #chunk = Buffer.alloc(CHUNK_BYTES)

  constructor(plan: DecodePlan) {
    this.plan = plan
    this.project = new HotDecoder(plan)
    this.exact = new ExactDecoder(plan)
  }

  expectSame(record: Uint8Array): void {
    const chunk = this.#chunk
    const start = chunk.write(BEFORE)
    const end = start + record.length
    chunk.set(record, start)
    chunk.write('"}]}}}\n{"x":1}\n', end)
    const expected = plainRow(this.exact.decode(record, 0, record.length), this.plan)
    for (let time = 0; time < 2; time++) {
      const row = this.project.decode(chunk, start, end)
      expect(plainRow(row, this.plan)).toEqual(expected)
    }
  }
}

const text = fc.oneof(
  fc.constantFrom(
    '',
    'u_1',
    'ü',
    '日本',
    'a"b',
    'a\\b',
    '\n',
    '\u2028',
    '😀',
    '\ud800',
    'true',
    'false',
    'null',
    '\u0000',
    'x'.repeat(70),
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
/** Stands in a record for an integer whose digits no double keeps. */
const LONG = /"@(-?\d+)"/gu
const long = fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map((digits) => `@${digits}`)
const number = fc.oneof(
  fc.integer(),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.constantFrom(0, -0, 1e21, 1e-7, 0.1, 5e-324, 123456789012345680),
  long,
  fc.constantFrom(
    '@9007199254740991',
    '@9007199254740992',
    '@9007199254740993',
    '@-9007199254740993',
    '@1000000000000000000000',
  ),
)
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null))
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'city', 'name', 'id', 'ü'), tie('value'), {
      maxKeys: 3,
    }),
  ),
})).value
const membership = fc.oneof(
  { weight: 3, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.constantFrom('true', 'false', 'TRUE', null, 'yes', 1, undefined) },
)
const time = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .date({ min: new Date(0), max: new Date('2999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '2026-01-05T10:00:00Z',
      '2026-01-05T10:00:00.1Z',
      '2026-01-05T10:00:00.123456789Z',
      '2026-01-06T10:00:00Z',
      '2026-01-06T10:00:00.001Z',
      '2024-02-29T00:00:00.000Z',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '2026-02-29T00:00:00.000Z',
      '2026-01-05T10:00:00+02:00',
      '2026-01-05',
      '',
      null,
      7,
      '2026-01-05T24:00:00Z',
      '2026-01-05T10:00:00.Z',
      '2026-13-01T10:00:00Z',
    ),
  },
)
const key = fc.constantFrom(
  'score',
  'home',
  '__proto__',
  'constructor',
  'vip',
  'größe',
  'other',
  '',
  'email',
)

const body = fc
  .tuple(
    key,
    fc.oneof(membership, anyValue),
    fc.dictionary(
      fc.constantFrom(
        'firstName',
        'address',
        'email',
        'account',
        'home',
        'vip',
        'score',
        'audience_key',
        'trait_key',
        'user_id',
        '__proto__',
        'ö',
      ),
      anyValue,
      { maxKeys: 4 },
    ),
    fc.boolean(),
  )
  .map(([named, value, beside, first]) => {
    const members = Object.entries(beside)
    const own: [string, unknown] = [named, value]
    return { named, object: ownMembers(first ? [own, ...members] : [...members, own]) }
  })

/** A record as JSON text, long integers with their digits. */
function jsonOf(record: unknown, space?: string | number): string {
  return JSON.stringify(record, null, space).replaceAll(LONG, '$1')
}

/** `__proto__` as a member of its own, as JSON.parse makes it. */
function ownMembers(members: readonly (readonly [string, unknown])[]): object {
  const object = {}
  for (const [name, value] of members)
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  return object
}

const id = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('u_1', 'u_2', 'ü_3') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ' u_1 ',
      '   ',
      '\u00a0u_2',
      'u_1\u3000',
      '\ufeff',
      'U_1',
      'Ü_3',
      'null',
      '-1',
      -1,
      42,
      '@9007199254740993',
    ),
  },
  { weight: 1, arbitrary: scalar },
  { weight: 1, arbitrary: fc.constant(undefined) },
)

const channel = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.constantFrom('server', 'client', 'mobile', null, '', 7) },
)

const event = fc
  .record({
    type: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('identify', 'track') },
      {
        weight: 1,
        arbitrary: fc.constantFrom('group', 'delete', 'page', 'alias', 'nonsense', undefined, 7),
      },
    ),
    body,
    named: fc.oneof(
      { weight: 8, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
    class: fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom('trait', 'audience', 'computed_trait', 'journey_step'),
      },
      { weight: 1, arbitrary: fc.constantFrom('new', undefined, 3) },
    ),
    hasPersonas: fc.oneof(
      { weight: 8, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
    userId: id,
    anonymousId: id,
    contextEmail: fc.option(scalar, { nil: undefined }),
    externalIds: fc.option(
      fc.array(
        fc.record(
          {
            id,
            type: fc.constantFrom('crm_id', 'email', 'ios.idfa', 'ü', 'user_id'),
            collection: fc.constantFrom('users', 'accounts', null),
            encoding: fc.constantFrom('none', 'sha'),
          },
          { requiredKeys: ['type'] },
        ),
        { maxLength: 3 },
      ),
      { nil: undefined },
    ),
    device: fc.option(
      fc.constantFrom({ type: 'ios', advertisingId: 'IDFA' }, { type: 'android' }),
      { nil: undefined },
    ),
    timestamp: fc.option(time, { nil: undefined }),
    receivedAt: fc.option(time, { nil: undefined }),
    originalTimestamp: fc.option(time, { nil: undefined }),
    extra: fc.option(anyValue, { nil: undefined }),
    channel,
    contextChannel: channel,
    space: fc.oneof(
      { weight: 6, arbitrary: fc.constant('spa_1') },
      { weight: 1, arbitrary: fc.constantFrom('spa_2', undefined, null, 7) },
    ),
    order: fc.boolean(),
  })
  .map(({ body: { named: bodyKey, object }, named, ...parts }) => {
    const personas = parts.hasPersonas
      ? {
          computation_class: parts.class,
          computation_key: named ? bodyKey : 'unmapped_one',
          space_id: parts.space,
        }
      : undefined
    const traits = parts.contextEmail === undefined ? undefined : { email: parts.contextEmail }
    const context = {
      library: { name: 'unknown' },
      personas,
      traits,
      externalIds: parts.externalIds,
      device: parts.device,
      channel: parts.contextChannel,
    }
    const bodyName = parts.type === 'track' ? 'properties' : 'traits'
    const {
      type,
      userId,
      anonymousId,
      timestamp,
      receivedAt,
      originalTimestamp,
      extra,
      channel: top,
    } = parts
    const head = { type, userId, anonymousId, extra, channel: top, sentAt: null }
    const tail = {
      context,
      [bodyName]: object,
      timestamp,
      receivedAt,
      originalTimestamp,
      integrations: { All: false },
    }
    return parts.order ? { ...head, ...tail } : { ...tail, ...head }
  })

const options = { numRuns: 500 }

describe('the fast decoder', () => {
  it.each(PLANS.map((plan, index) => [index, plan] as const))(
    'says what the exact one says (plan %i)',
    (_, plan) => {
      const pair = new Pair(plan)

      fc.assert(
        fc.property(event, (record) => pair.expectSame(Buffer.from(jsonOf(record)))),
        { numRuns: 400 },
      )
    },
  )

  it('says of the keys whose values are wanted what it says of them among all', () => {
    const [plan] = PLANS
    const all = new HotDecoder(plan)

    fc.assert(
      fc.property(
        event,
        fc.array(fc.boolean(), { minLength: KEYS.length, maxLength: KEYS.length }),
        (record, wanted) => {
          const bytes = Buffer.from(jsonOf(record))
          const expected = plainRow(all.decode(bytes, 0, bytes.length), plan)
          const only = Uint8Array.from(wanted, Number)
          const isWanted = ([name]: readonly [string, unknown]) =>
            only[Number(name.split(' ')[0])] === 1
          const values = Object.fromEntries(Object.entries(expected.values).filter(isWanted))

          const row = plainRow(
            new HotDecoder({ ...plan, only }).decode(bytes, 0, bytes.length),
            plan,
          )

          expect(row).toMatchObject({
            ids: expected.ids,
            aliases: expected.aliases,
            time: expected.time,
            unmapped: expected.unmapped,
            values,
          })
          if (Object.keys(values).length > 0 || expected.status !== 'changes')
            expect(row).toEqual({ ...expected, values })
          else expect(row.status).toBe('unmapped')
        },
      ),
      { numRuns: 200 },
    )
  })

  it('says the same of text that was tampered with', () => {
    const pair = new Pair(PLANS[0])
    const replacements = fc.constantFrom(
      '"',
      '\\',
      '\\u0041',
      '\\ud83d\\ude00',
      '\\/',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      ' ',
      '\t',
      '\u0001',
      '\u00a0',
      '\ufeff',
      '0',
      '-',
      '.',
      'e5',
      '1.50',
      '1E3',
      '00',
      'null',
      'true',
      'tru',
      '"vip":true,',
      '"type":"track",',
      '{}',
      '',
    )
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 0, max: 4 }),
      by: replacements,
    })

    fc.assert(
      fc.property(event, fc.array(edit, { minLength: 1, maxLength: 3 }), (record, edits) => {
        let line = jsonOf(record)
        for (const { at, length, by } of edits) {
          const place = Math.floor(at * line.length)
          line = line.slice(0, place) + by + line.slice(place + length)
        }
        pair.expectSame(Buffer.from(line))
      }),
      options,
    )
  })

  it('says the same of bytes that were tampered with', () => {
    const pair = new Pair(PLANS[0])

    fc.assert(
      fc.property(
        event,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (record, edits) => {
          const bytes = Buffer.from(jsonOf(record))
          for (const [at, byte] of edits) bytes[at % bytes.length] = byte
          pair.expectSame(bytes)
        },
      ),
      options,
    )
  })

  it('says the same of records that are spaced out', () => {
    const pair = new Pair(PLANS[1])

    fc.assert(
      fc.property(event, fc.constantFrom(1, '\t', '\r\n'), (record, space) =>
        pair.expectSame(Buffer.from(` ${jsonOf(record, space)}\t`)),
      ),
      { numRuns: 120 },
    )
  })

  it('says the same of any JSON and any bytes', () => {
    const pair = new Pair(PLANS[0])

    fc.assert(
      fc.property(fc.json(), (json) => pair.expectSame(Buffer.from(json))),
      { numRuns: 120 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => pair.expectSame(bytes)),
      { numRuns: 120 },
    )
  })

  it.each([
    [
      'a member twice',
      '{"type":"track","type":"identify","userId":"u","timestamp":"2026-01-05T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"score"}},"traits":{"score":1}}',
    ],
    [
      'a value twice',
      '{"type":"identify","userId":"u","timestamp":"2026-01-05T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"score"}},"traits":{"score":1,"score":2}}',
    ],
    [
      'an escaped key',
      '{"type":"identify","userId":"u","timestamp":"2026-01-05T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"score"}},"traits":{"sc\\u006fre":1}}',
    ],
    [
      'deep nesting',
      `{"type":"identify","extra":${'['.repeat(60)}${']'.repeat(60)},"userId":"u","timestamp":"2026-01-05T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"score"}},"traits":{"score":1}}`,
    ],
    [
      'deeper nesting',
      `{"type":"identify","userId":"u","timestamp":"2026-01-05T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"score"}},"traits":{"score":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
    ],
    [
      'a batch beside an event',
      '{"type":"identify","batch":[{"type":"page"}],"userId":"u","traits":{}}',
    ],
    [
      'a wrapper',
      '{"json":{"type":"identify","userId":"u","timestamp":"2026-01-05T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"score"}},"traits":{"score":1}}}',
    ],
    ['a byte order mark', '\ufeff{"type":"page"}'],
    [
      'a huge value',
      `{"type":"identify","userId":"u","timestamp":"2026-01-05T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"score"}},"traits":{"score":"${'ü\\n'.repeat(90_000)}"}}`,
    ],
    [
      'more members than are noted',
      `{"type":"identify","userId":"u","timestamp":"2026-01-05T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"score"}},"traits":{${Array.from({ length: 400 }, (_, index) => `"m${index}":${index},`).join('')}"score":1}}`,
    ],
    [
      'line ends inside',
      '{"type":"identify",\r\n"userId":"u",\r\n"timestamp":"2026-01-05T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"score"}},\n"traits":{"score":1}}\r',
    ],
  ])('says the same of %s', (_, line) => {
    for (const plan of PLANS) new Pair(plan).expectSame(Buffer.from(line))
  })

  it('reads records of a known shape without scanning them, though every record overwrites the one before', () => {
    const decoder = new HotDecoder(PLANS[0])
    const records = [...generateEvents({ users: 300, events: 3000, seed: 3 })]
    const chunk = Buffer.alloc(CHUNK_BYTES)
    const decodeAll = (): void => {
      for (const record of records) decoder.decode(chunk, 0, chunk.write(record))
    }
    decodeAll()
    const before = decoder.scanned

    decodeAll()

    expect(decoder.scanned - before).toBeLessThan(records.length * 0.003)
  })

  it('does not take a text where the shape was learned with a number', () => {
    const pair = new Pair(PLANS[0])
    const line = (userId: string, timestamp: string): Buffer =>
      Buffer.from(
        `{"userId":${userId},"anonymousId":"a","timestamp":${timestamp},"type":"identify","receivedAt":"2026-01-06T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"score"}},"traits":{"score":1}}`,
      )

    for (const userId of ['7', '"u"', 'null', '""', '{"a":1}', '"ü"', '"a\\nb"']) {
      for (const timestamp of ['null', '"2026-01-05T10:00:00Z"', '7', '"soon"'])
        pair.expectSame(line(userId, timestamp))
    }
  })

  it('reads at another time with what it learnt', () => {
    const line = (userId: string, timestamp: string): Buffer =>
      Buffer.from(
        `{"userId":"${userId}","timestamp":"${timestamp}","type":"identify","context":{"personas":{"computation_class":"trait","computation_key":"score"}},"traits":{"score":1}}`,
      )
    const nowMs = Date.parse('2026-01-05T10:00:00Z')
    const decoder = new HotDecoder({ ...PLANS[0], nowMs })
    const statusOf = (text: Buffer) => decoder.decode(text, 0, text.length).status
    const late = line('u1', '2026-01-07T10:00:00Z')

    expect(statusOf(line('u1', '2026-01-05T10:00:00Z'))).toBe('changes')
    expect(statusOf(late)).toBe('rejected')
    const { scanned } = decoder
    decoder.redate(nowMs + 2 * 86_400_000)
    expect(statusOf(late)).toBe('changes')
    expect(statusOf(line('u2', '2026-01-09T10:00:00Z'))).toBe('rejected')
    decoder.redate(undefined)
    expect(statusOf(line('u2', '2026-01-09T10:00:00Z'))).toBe('changes')

    expect(decoder.scanned - scanned).toBe(1)
  })

  it('knows the shapes of some hundred computations', () => {
    const pair = new Pair(PLANS[0])
    const line = (number: number): Buffer =>
      Buffer.from(
        `{"context":{"personas":{"computation_class":"trait","computation_id":"tra_${number * 7919}","computation_key":"trait_${number}"}},"traits":{"trait_${number}":1},"timestamp":"2026-01-05T10:00:00Z","type":"identify","userId":"u"}`,
      )
    for (let number = 0; number < 300; number++) pair.expectSame(line(number))
    const before = pair.project.scanned

    for (let number = 0; number < 300; number++) pair.expectSame(line(number))

    expect(pair.project.scanned - before).toBe(0)
  })

  it('stops learning when what it learns is never seen again', () => {
    const pair = new Pair(PLANS[0])
    const line = (number: number, traits: string): Buffer =>
      Buffer.from(
        `{"field_${number}":"x","type":"identify","userId":"u","timestamp":"2026-01-05T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"score"}},"traits":${traits}}`,
      )
    for (let number = 0; number < 3000; number++)
      pair.project.decode(line(number, '{"score":1}'), 0, line(number, '{"score":1}').length)
    const before = pair.project.scanned

    pair.expectSame(line(5000, '{"score":1}'))
    pair.expectSame(line(5000, '{"score":2}'))

    expect(pair.project.scanned - before).toBe(4)
  })

  it('begins its shapes anew when ever new ones come', () => {
    const pair = new Pair(PLANS[0])
    const line = (number: number): Buffer =>
      Buffer.from(
        `{"field_${number}":"x","type":"identify","userId":"u","timestamp":"2026-01-05T10:00:00Z","context":{"personas":{"computation_class":"trait","computation_key":"score"}},"traits":{"score":1}}`,
      )

    for (let number = 0; number < 6000; number++)
      pair.project.decode(line(number), 0, line(number).length)

    pair.expectSame(line(1))
  })
})
