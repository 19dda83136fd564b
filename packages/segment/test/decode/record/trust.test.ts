import { compileSyncs, loadConfig, MemoryRun } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import type { DecodePlan, Trust } from '@engage-sync/contract'
import { createRowDecoder, decodeRecord } from '../../../src/index.ts'
import { ExactDecoder } from '../../../src/decode/row/exact-decoder.ts'
import { plainRow } from '../row-text.ts'

const NOTHING: Trust = { unmarked: false, deletes: false, client: false, spaceId: 'spa_ours' }
const PLAN: DecodePlan = {
  keys: [
    { kind: 'audience', key: 'vip', path: [] },
    { kind: 'trait', key: 'tier', path: [] },
  ],
  identities: [{ externalId: { from: 'userId' }, alias: null }],
  timeField: 'timestamp',
}
const base = { userId: 'mallory', timestamp: '2026-01-05T10:00:00Z' }
const personas = { computation_class: 'audience', computation_key: 'vip', space_id: 'spa_ours' }

function engage({
  channel,
  ...context
}: { channel?: unknown; [member: string]: unknown } = {}): object {
  return {
    type: 'track',
    ...(channel === undefined ? {} : { channel }),
    ...base,
    context: { library: { name: 'unknown' }, personas, ...context },
    properties: { vip: true, audience_key: 'vip' },
  }
}

const UNMARKED = { type: 'identify', ...base, traits: { tier: 'platinum' } }
const DELETE = { type: 'delete', ...base }

/** What all three ways say of a record, which must be one. */
function read(record: object, trust: Trust): string {
  const plan = { ...PLAN, trust }
  const bytes = Buffer.from(JSON.stringify(record))
  const exact = plainRow(new ExactDecoder(plan).decode(bytes, 0, bytes.length), plan)
  const hot = createRowDecoder(plan)
  for (let time = 0; time < 3; time++)
    expect(plainRow(hot.decode(bytes, 0, bytes.length), plan)).toEqual(exact)
  return exact.status === 'skipped' ? exact.reason : exact.status
}

describe('a source that trusts nothing more than Engage', () => {
  it.each<[string, object, string]>([
    ['what Engage sends', engage(), 'changes'],
    ['what Engage sends by its server channel', engage({ channel: 'server' }), 'changes'],
    [
      'a computation whose space is not said',
      engage({ personas: { ...personas, space_id: undefined } }),
      'changes',
    ],
    [
      'a computation of another space',
      engage({ personas: { ...personas, space_id: 'spa_other' } }),
      'SKIPPED_OTHER_SPACE',
    ],
    [
      'a computation whose space is no text',
      engage({ personas: { ...personas, space_id: 7 } }),
      'SKIPPED_OTHER_SPACE',
    ],
    ['a computation a browser says it is', engage({ channel: 'client' }), 'SKIPPED_CLIENT'],
    [
      'the same with the channel in its context',
      { ...engage(), context: { personas, channel: 'mobile' } },
      'SKIPPED_CLIENT',
    ],
    ['a channel that is no text', engage({ channel: { a: 1 } }), 'SKIPPED_CLIENT'],
    ['a mapped trait that nobody marked', UNMARKED, 'SKIPPED_UNMARKED'],
    ['a request to forget a user', DELETE, 'SKIPPED_DELETE'],
    ['a trait nobody maps', { ...UNMARKED, traits: { other: 1 } }, 'SKIPPED_NOT_ENGAGE'],
    [
      'a page call',
      { type: 'page', channel: 'client', ...base, properties: {} },
      'SKIPPED_NOT_ENGAGE',
    ],
    [
      'a broken computation of a browser, which is no rejection',
      engage({ channel: 'client', personas: {} }),
      'SKIPPED_CLIENT',
    ],
  ])('%s', (_, record, expected) => {
    expect(read(record, NOTHING)).toBe(expected)
  })

  it('tells records of one shape apart', () => {
    const plan = { ...PLAN, trust: NOTHING }
    const hot = createRowDecoder(plan)
    const exact = new ExactDecoder(plan)
    const channels = ['server', 'client', 'server', 'mobile', undefined]
    const spaces = ['spa_ours', 'spa_other', 'spa_ours', undefined, null]

    for (let round = 0; round < 3; round++) {
      for (const channel of channels) {
        for (const space_id of spaces) {
          for (const record of [
            engage({ channel, personas: { ...personas, space_id } }),
            { ...engage(), context: { channel, personas: { ...personas, space_id } } },
          ]) {
            const bytes = Buffer.from(JSON.stringify(record))
            const expected = plainRow(exact.decode(bytes, 0, bytes.length), plan)
            expect(plainRow(hot.decode(bytes, 0, bytes.length), plan)).toEqual(expected)
          }
        }
      }
    }
  })
})

describe('what a source trusts more', () => {
  it.each<[Partial<Trust>, object, string]>([
    [{ unmarked: true }, UNMARKED, 'changes'],
    [{ unmarked: true }, { ...UNMARKED, channel: 'client' }, 'SKIPPED_CLIENT'],
    [{ unmarked: true, client: true }, { ...UNMARKED, channel: 'client' }, 'changes'],
    [{ deletes: true }, DELETE, 'delete'],
    [{ deletes: true }, { ...DELETE, channel: 'client' }, 'SKIPPED_CLIENT'],
    [{ client: true }, engage({ channel: 'client' }), 'changes'],
    [
      { client: true },
      engage({ channel: 'client', personas: { ...personas, space_id: 'spa_other' } }),
      'SKIPPED_OTHER_SPACE',
    ],
    [{ spaceId: null }, engage({ personas: { ...personas, space_id: 'spa_other' } }), 'changes'],
  ])('%j', (more, record, expected) => {
    expect(read(record, { ...NOTHING, ...more })).toBe(expected)
  })

  it('is everything for whoever decodes a record without saying', () => {
    expect(decodeRecord(engage({ channel: 'client' })).type).toBe('changes')
    expect(decodeRecord(DELETE).type).toBe('delete')
    expect(decodeRecord(DELETE, { trust: NOTHING })).toEqual({
      type: 'skipped',
      reason: 'SKIPPED_DELETE',
    })
  })
})

describe('the configuration', () => {
  const run = (source: string) => {
    const segment = 'segment: { space_id: spa_ours }'
    const config = loadConfig([
      {
        path: 'configs/engage-sync.yaml',
        text: `version: 1\nenvironments:\n  local: { ${segment}, braze: { endpoint: simulator }, sources: { engage: ${source} } }\n`,
      },
      {
        path: 'configs/shop.yaml',
        text: 'version: 1\nsource: engage\ntraits: { tier: tier }\naudiences: { vip: vip }\n',
      },
    ])
    expect(config.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
    const memory = new MemoryRun({
      syncs: compileSyncs(config),
      createDecoder: createRowDecoder,
      nowMs: Date.UTC(2026, 0, 8),
      asSource: true,
    })
    const forged = engage({ channel: 'client', personas: { ...personas, space_id: 'spa_other' } })
    return memory
      .batch([forged, UNMARKED].map((record) => JSON.stringify(record)))
      .updates.map(({ attributes }) => attributes)
  }

  it('believes no forged event by default', () => {
    expect(run('{ events: data }')).toEqual([])
  })

  it('believes what is named', () => {
    expect(run('{ events: data, trust: [unmarked] }')).toEqual([{ tier: 'platinum' }])
  })
})
