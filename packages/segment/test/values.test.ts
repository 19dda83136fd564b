import { compileSync, loadConfig, MemoryRun } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { createRowDecoder } from '../src/index.ts'

const PROJECT =
  'version: 1\nenvironments:\n  local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } }\n'
const NOW = Date.UTC(2026, 0, 10)

/** Reads events the whole way to updates: by user what is sent, and what was rejected, by code and message. */
function run(sync: string, records: readonly string[]) {
  const { syncs, diagnostics } = loadConfig([
    { path: 'configs/engage-sync.yaml', text: PROJECT },
    { path: 'configs/shop.yaml', text: `version: 1\nsource: engage\n${sync}\n` },
  ])
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  const memory = new MemoryRun({
    syncs: syncs.map((one) => compileSync(one)),
    createDecoder: createRowDecoder,
    nowMs: NOW,
  })
  const { updates, rejected } = memory.batch(records)
  return {
    sent: Object.fromEntries(
      updates.map(({ user, attributes }) => [
        'externalId' in user ? user.externalId : user.alias.name,
        attributes,
      ]),
    ),
    rejected: rejected.map(({ code, message, mapping }) => ({ code, message, mapping })),
  }
}

/** An event of the trait `v`; value, user and the like are JSON text, so that digits stand as they are written. */
function event(
  value: string,
  { userId = '"ada"', top = '"timestamp":"2026-01-05T10:00:00Z"' } = {},
): string {
  return `{"type":"identify","userId":${userId},${top},"context":{"personas":{"computation_class":"trait","computation_key":"v"}},"traits":{"v":${value}}}`
}

describe('integers that no double holds', () => {
  it.each([
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890', '12345678901234567890'],
    ['-9007199254740993', '-9007199254740993'],
    ['1000000000000000000000', '1000000000000000000000'],
    ['0.1', '0.1'],
    ['42', '42'],
  ])('keep their digits as text: %s', (digits, text) => {
    expect(run('traits: { v: { attribute: v, type: string } }', [event(digits)]).sent).toEqual({
      ada: { v: text },
    })
  })

  it.each([
    ['a number', '{ attribute: v, type: number }', 'CAST_NUMBER', 'would lose digits'],
    ['a whole number', '{ attribute: v, type: integer }', 'CAST_INTEGER', 'digits'],
    ['whatever comes', 'v', 'CAST_NUMBER', 'type: string'],
    ['a property', '{ event: Seen }', 'CAST_NUMBER', 'type: string'],
  ])('are rejected by name as %s', (_, mapping, code, message) => {
    const { sent, rejected } = run(`traits: { v: ${mapping} }`, [event('9007199254740993')])

    expect(sent).toEqual({})
    expect(rejected).toEqual([
      { code, message: expect.stringContaining(message), mapping: 'shop:traits.v' },
    ])
    expect(rejected[0].message).not.toContain('9007199254740993')
  })

  it.each([
    ['[1,{"id":9007199254740993}]', 'v', '1.id'],
    ['{"a":{"b":9007199254740993}}', '{ attribute: v, type: object }', 'a.b'],
    ['[9007199254740993]', '{ attribute: v, type: array }', '0'],
  ])('reject the whole value they stand in, naming the place: %s', (value, mapping, place) => {
    const { sent, rejected } = run(`traits: { v: ${mapping} }`, [event(value)])

    expect(sent).toEqual({})
    expect(rejected).toEqual([
      {
        code: 'CAST_NUMBER',
        message: expect.stringContaining(`at \`${place}\` that would lose digits`),
        mapping: 'shop:traits.v',
      },
    ])
  })

  it('do no harm beside what is wanted of an object', () => {
    const sync =
      'traits: { v.name: { attribute: name, type: string }, v.id: { attribute: id, type: string } }'

    expect(run(sync, [event('{"id":9007199254740993,"name":"x"}')]).sent).toEqual({
      ada: { name: 'x', id: '9007199254740993' },
    })
  })

  it('are told apart where a double would not', () => {
    const later = event('9007199254740992', { top: '"timestamp":"2026-01-06T10:00:00Z"' })

    expect(
      run('traits: { v: { attribute: v, type: string } }', [event('9007199254740993'), later]).sent,
    ).toEqual({
      ada: { v: '9007199254740992' },
    })
  })
})

describe('identifiers', () => {
  it.each([
    ['42', '42'],
    ['9007199254740993', '9007199254740993'],
    ['" ben "', 'ben'],
    ['"Ben@Example.com"', 'Ben@Example.com'],
  ])('%s names %s', (userId, user) => {
    expect(run('traits: { v: v }', [event('1', { userId })]).sent).toEqual({ [user]: { v: 1 } })
  })

  it('of spaces name nobody', () => {
    expect(run('traits: { v: v }', [event('1', { userId: '"  "' })])).toMatchObject({
      sent: {},
      rejected: [{ code: 'RECORD_NO_IDENTIFIER' }],
    })
  })

  it('in two cases are one with `lower_case`', () => {
    const records = [
      event('1', { userId: '"Ben@Example.com"' }),
      event('2', { userId: '"ben@example.COM"', top: '"timestamp":"2026-01-06T10:00:00Z"' }),
    ]

    expect(run('identity: { lower_case: true }\ntraits: { v: v }', records).sent).toEqual({
      'ben@example.com': { v: 2 },
    })
  })

  it('that are nobody are skipped with `refuse`', () => {
    const records = ['"null"', '-1', '"ada"'].map((userId) => event('1', { userId }))

    expect(run('identity: { refuse: ["null", "-1"] }\ntraits: { v: v }', records).sent).toEqual({
      ada: { v: 1 },
    })
  })
})

describe('times ahead', () => {
  const now = '"timestamp":"2026-01-09T10:00:00Z"'

  it('count as of when they were received, so that later values win', () => {
    const ahead = event('1', {
      top: '"timestamp":"2099-01-01T00:00:00Z","receivedAt":"2026-01-08T00:00:00Z"',
    })

    expect(run('traits: { v: v }', [ahead, event('2', { top: now })])).toEqual({
      sent: { ada: { v: 2 } },
      rejected: [],
    })
  })

  it('are rejected by name where they were received as late', () => {
    const ahead = event('1', {
      top: '"timestamp":"2099-01-01T00:00:00Z","receivedAt":"2099-01-01T00:00:00Z"',
    })

    expect(run('traits: { v: v }', [ahead, event('2', { top: now })])).toMatchObject({
      sent: { ada: { v: 2 } },
      rejected: [{ code: 'RECORD_TIME_FUTURE' }],
    })
  })

  it('are taken within a day', () => {
    expect(
      run('traits: { v: v }', [event('1', { top: '"timestamp":"2026-01-11T00:00:00Z"' })]).sent,
    ).toEqual({ ada: { v: 1 } })
  })
})

describe('values in another form', () => {
  it.each([
    ['array', '"[1,2]"', [1, 2]],
    ['object', '"{\\"city\\":\\"Oslo\\",\\"zip\\":\\"0150\\"}"', { city: 'Oslo', zip: '0150' }],
    ['time', '1767607200000', '2026-01-05T10:00:00.000Z'],
    ['time', '"1767607200000"', '2026-01-05T10:00:00.000Z'],
    ['time', '1767607200', '2026-01-05T10:00:00.000Z'],
  ])('become %s: %s', (type, value, sent) => {
    expect(run(`traits: { v: { attribute: v, type: ${type} } }`, [event(value)]).sent).toEqual({
      ada: { v: sent },
    })
  })
})
