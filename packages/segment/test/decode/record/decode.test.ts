import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeSource } from '@engage-sync/contract'
import type { DecodePlan, DecodedRecord, SourceJson } from '@engage-sync/contract'
import { REJECT_CODES, SKIP_CODES } from '../../../src/decode/record/codes.ts'
import { decodeRecord, decodeRecords } from '../../../src/decode/record/decode.ts'
import { ExactDecoder } from '../../../src/decode/row/exact-decoder.ts'
import { createRowDecoder } from '../../../src/decode/hot/row-decoder.ts'
import { AUDIENCE_CASES } from '../corpus/audiences.ts'
import type { CorpusCase, Expected } from '../corpus/build.ts'
import { ENVELOPE_CASES } from '../corpus/envelope.ts'
import { TRAIT_CASES } from '../corpus/traits.ts'
import { plainRow } from '../row-text.ts'

const CORPUS: readonly CorpusCase[] = [...AUDIENCE_CASES, ...TRAIT_CASES, ...ENVELOPE_CASES]

/** Checks what the short form says; what it leaves out is not checked. */
function check(decoded: DecodedRecord, expected: Expected): void {
  if ('skipped' in expected)
    return expect(decoded).toEqual({ type: 'skipped', reason: expected.skipped })
  if ('rejected' in expected)
    return expect(decoded).toMatchObject({
      type: 'rejected',
      rejection: { code: expected.rejected },
    })
  if ('deleted' in expected)
    return expect(decoded).toMatchObject({
      type: 'delete',
      identifiers: { userId: expected.deleted },
    })
  if (decoded.type !== 'changes')
    throw new Error(`Expected changes, got ${JSON.stringify(decoded)}`)
  expect(decoded.changes.map(({ kind, key, value }) => [kind, key, value])).toEqual(
    expected.changes,
  )
  const [{ identifiers, time }] = decoded.changes
  if (expected.time !== undefined) expect(time).toBe(expected.time)
  if (expected.user !== undefined)
    expect(identifiers.userId ?? identifiers.anonymousId ?? identifiers.email).toBe(expected.user)
  for (const [type, id] of Object.entries(expected.ids ?? {}))
    expect(identifiers.externalIds?.get(type)).toBe(id)
}

describe('decodeRecord', () => {
  it.each(CORPUS.map((one) => [one.name, one] as const))(
    '%s',
    (_, { payload, expected, options }) => {
      const before = structuredClone(payload)

      check(decodeRecord(payload, options), expected)

      expect(payload).toEqual(before)
    },
  )

  it('has a corpus that uses every code of decoding, each name once', () => {
    const used = new Set(
      CORPUS.flatMap(({ expected }) =>
        'skipped' in expected
          ? [expected.skipped]
          : 'rejected' in expected
            ? [expected.rejected]
            : [],
      ),
    )
    const ofBytesOrPlans = new Set([
      'RECORD_NOT_JSON',
      'RECORD_INVALID_UTF8',
      'SKIPPED_NO_EXTERNAL_ID',
      'SKIPPED_REFUSED_ID',
      'SEGMENT_DELETE',
    ])

    expect(CORPUS.length).toBeGreaterThanOrEqual(150)
    expect(new Set(CORPUS.map(({ name }) => name)).size).toBe(CORPUS.length)
    expect(
      [...Object.keys(SKIP_CODES), ...Object.keys(REJECT_CODES)].filter(
        (code) => !used.has(code) && !ofBytesOrPlans.has(code),
      ),
    ).toEqual([])
  })

  it('never throws, whatever it gets', () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
        (value) => {
          expect(['changes', 'delete', 'skipped', 'rejected']).toContain(decodeRecord(value).type)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('names no value in a rejection', () => {
    const secret = 'ada.private@example.com'
    for (const payload of [
      secret,
      [secret],
      { type: secret },
      {
        type: 'identify',
        traits: { vip: secret },
        context: { personas: { computation_class: 'audience', computation_key: 'vip' } },
      },
    ]) {
      const decoded = decodeRecord(payload)
      expect(decoded.type).toBe('rejected')
      expect(JSON.stringify(decoded)).not.toContain(secret)
    }
  })
})

describe('decodeRecords', () => {
  it('decodes every event of a wrapper, in order', () => {
    const payloads = [AUDIENCE_CASES[0].payload, AUDIENCE_CASES[1].payload, { type: 'page' }]

    expect(decodeRecords({ batch: payloads })).toEqual(
      payloads.map((payload) => decodeRecord(payload)),
    )
  })
})

describe('row decoders', () => {
  const plan: DecodePlan = {
    keys: [
      { kind: 'trait', key: 'score', path: [] },
      { kind: 'audience', key: 'vip', path: [] },
      { kind: 'enrichment', key: 'firstName', path: [] },
      { kind: 'enrichment', key: 'address', path: ['city'] },
    ],
    identities: [
      { externalId: { from: 'userId' }, alias: { from: 'anonymousId', label: 'anonymous' } },
      { externalId: { from: 'externalIds', type: 'crm_id' }, alias: null },
    ],
    timeField: 'timestamp',
  }
  const decodersFor = (of: DecodePlan) => [new ExactDecoder(of), createRowDecoder(of)] as const
  const decoders = decodersFor(plan)
  const [exact, fast] = decoders
  const rowOf = (payload: unknown): ReturnType<typeof plainRow> => {
    const bytes = Buffer.from(writeSource(payload as SourceJson))
    return plainRow(exact.decode(bytes, 0, bytes.length), plan)
  }

  it.each(
    CORPUS.filter(({ payload }) => payload !== undefined).map((one) => [one.name, one] as const),
  )('agree on: %s', (_, { payload, options }) => {
    const [exact, fast] =
      options?.nowMs === undefined ? decoders : decodersFor({ ...plan, nowMs: options.nowMs })
    const bytes = Buffer.from(writeSource(payload as SourceJson))
    const expected = plainRow(exact.decode(bytes, 0, bytes.length), plan)

    expect(plainRow(fast.decode(bytes, 0, bytes.length), plan)).toEqual(expected)
    expect(plainRow(fast.decode(bytes, 0, bytes.length), plan)).toEqual(expected)
  })

  it('gives wanted values as canonical text, identifiers, aliases and the time', () => {
    const payload = TRAIT_CASES.find(({ name }) => name === 'trait with enrichment')!
      .payload as object

    expect(rowOf({ ...payload, anonymousId: 'a1' })).toEqual({
      status: 'changes',
      reason: '',
      message: '',
      time: Date.UTC(2026, 0, 5, 10, 0, 0, 123),
      ids: ['u_1', null],
      aliases: ['a1', null],
      values: { '0 trait score': '1', '2 enrichment firstName': '"Ada"' },
      unmapped: [],
    })
  })

  it('follows a path into a value', () => {
    const payload = AUDIENCE_CASES.find(({ name }) => name === 'audience with enrichment')!.payload

    expect(rowOf(payload).values).toEqual({
      '1 audience vip': 'true',
      '2 enrichment firstName': '"Ada"',
      '3 enrichment address.city': '"Zürich"',
    })
  })

  it('sorts the members of objects and drops white space', () => {
    const bytes = Buffer.from(
      JSON.stringify(TRAIT_CASES[0].payload).replace(
        '"score":7',
        '"score":{"b":1.50,"a":[ 1 , "\\u0041"]}',
      ),
    )

    expect(plainRow(fast.decode(bytes, 0, bytes.length), plan).values).toEqual({
      '0 trait score': '{"a":[1,"A"],"b":1.5}',
    })
  })

  it('tells a computation nobody wants by its key', () => {
    const payload = AUDIENCE_CASES.find(({ name }) => name === 'journey V1, track')!.payload

    expect(rowOf(payload)).toMatchObject({
      status: 'unmapped',
      reason: 'j_o_welcome__step_2_a1b2',
      unmapped: ['j_o_welcome__step_2_a1b2'],
    })
  })

  it('skips a record no identity rule finds a user in, and rejects one without any', () => {
    const [emailOnly, nobody] = ['email only, in context', 'nobody'].map(
      (wanted) => ENVELOPE_CASES.find(({ name }) => name === wanted)!.payload,
    )

    expect(rowOf(emailOnly)).toMatchObject({ status: 'skipped', reason: 'SKIPPED_NO_EXTERNAL_ID' })
    expect(rowOf(nobody)).toMatchObject({ status: 'rejected', reason: 'RECORD_NO_IDENTIFIER' })
  })

  it.each([
    [
      'lowers an address',
      { lowerCase: true } as const,
      { userId: 'Ada@Example.COM' },
      { ids: ['ada@example.com'], status: 'changes' },
    ],
    [
      'keeps capitals by default',
      {},
      { userId: 'Ada@Example.COM' },
      { ids: ['Ada@Example.COM'], status: 'changes' },
    ],
    [
      'keeps the digits of a number',
      {},
      { userId: 12345678901234567890n },
      { ids: ['12345678901234567890'], status: 'changes' },
    ],
    [
      'refuses who is nobody',
      { refuse: ['-1', 'null'] },
      { userId: 'null' },
      { status: 'skipped', reason: 'SKIPPED_REFUSED_ID' },
    ],
    [
      'refuses a number that is nobody',
      { refuse: ['-1'] },
      { userId: -1 },
      { status: 'skipped', reason: 'SKIPPED_REFUSED_ID' },
    ],
    [
      'takes the alias of who is nobody',
      { refuse: ['null'] },
      { userId: 'null', anonymousId: 'a_1' },
      { ids: [null], aliases: ['a_1'] },
    ],
    [
      'refuses an alias, too',
      { refuse: ['x'] },
      { userId: undefined, anonymousId: ' x' },
      { reason: 'SKIPPED_REFUSED_ID' },
    ],
    [
      'refuses nobody a deletion',
      { refuse: ['null'] },
      { type: 'delete', userId: 'null' },
      { reason: 'SKIPPED_REFUSED_ID' },
    ],
  ])('%s', (_, options, top, expected) => {
    const identity = {
      externalId: { from: 'userId' },
      alias: { from: 'anonymousId', label: 'a' },
      ...options,
    } as const
    const of = { ...plan, identities: [identity] }
    const bytes = Buffer.from(
      writeSource({ ...(TRAIT_CASES[0].payload as object), ...top } as unknown as SourceJson),
    )

    for (const decoder of decodersFor(of))
      expect(plainRow(decoder.decode(bytes, 0, bytes.length), of)).toMatchObject(expected)
  })

  it('gives a deletion with its user', () => {
    expect(
      rowOf({ type: 'delete', userId: 'u_1', timestamp: '2026-01-05T10:00:00.123Z' }),
    ).toMatchObject({
      status: 'delete',
      ids: ['u_1', null],
    })
  })

  it.each([
    ['{"type":', 'RECORD_NOT_JSON'],
    ['', 'RECORD_NOT_JSON'],
    [Buffer.from([0x22, 0xc3, 0x28, 0x22]), 'RECORD_INVALID_UTF8'],
  ])('rejects what is no JSON in UTF-8 (%s)', (line, code) => {
    const bytes = Buffer.from(line)

    expect(fast.decode(bytes, 0, bytes.length)).toMatchObject({ status: 'rejected', reason: code })
  })
})
