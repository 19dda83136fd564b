import type { Json, Mark } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import * as payload from '../../../src/state/values/letter-payload.ts'
import { decodeAbout, encodeAbout } from '../../../src/state/values/mapping-about.ts'
import {
  decodeIntent,
  encodeIntent,
  eventsOfMark,
  withoutUsers,
} from '../../../src/state/values/mark-intent.ts'

// The texts are those that states hold since format 1: they stay readable, and what is written
// stays the same.

describe('the intent of a mark', () => {
  const text =
    '{"sentAt":1767225600000,"events":[[3,7,11,-12,1767225599000,"Trait Computed",101,"shopper-1",2],[3,7,11,-12,1767225599000,"Trait Computed",97,"store\\u0000bo",0,55]]}'
  const mark: Mark = { id: 'run-1:5', run: 1, intent: JSON.parse(text) as Json }

  it('is read, and written the same', () => {
    const intent = decodeIntent(mark.intent)

    expect(intent.events.map(({ user, letter }) => [user, letter])).toEqual([
      ['shopper-1', null],
      ['store\u0000bo', 55],
    ])
    expect(JSON.stringify(encodeIntent(intent))).toBe(text)
  })

  it('holds no event where it joins aliases', () => {
    expect(eventsOfMark({ ...mark, intent: { identify: 12 } })).toEqual([])
  })

  it('keeps all it says but the events of users who are erased', () => {
    const { mark: kept, left, erased } = withoutUsers(mark, new Set(['shopper-1']))

    expect({ left, erased }).toEqual({ left: 1, erased: 1 })
    expect(JSON.stringify(kept.intent)).toBe(
      text.replace('[3,7,11,-12,1767225599000,"Trait Computed",101,"shopper-1",2],', ''),
    )
  })

  it('is refused where it is something else', () => {
    expect(() => decodeIntent({ events: [[1, 2]] })).toThrow(
      expect.objectContaining({ code: 'STATE_UNREADABLE' }),
    )
  })
})

describe('what is remembered of a mapping', () => {
  it.each([
    [
      'by versions that kept names alone',
      '{"attribute":"a.city","events":["Moved"],"cohort":null}',
    ],
    [
      'with its options',
      '{"attribute":"ltv","events":[],"cohort":null,"options":{"key":"ltv","attribute":"ltv","when":{"trait":"ltv","more_than":3}}}',
    ],
  ])('is read, and written the same: %s', (_, text) => {
    expect(JSON.stringify(encodeAbout(decodeAbout(JSON.parse(text) as Json)))).toBe(text)
  })

  it('is none of what an older record does not say', () => {
    expect(decodeAbout({ attribute: 'ltv' })).toEqual({
      attribute: 'ltv',
      events: [],
      cohort: null,
      options: null,
    })
  })
})

describe('what a dead letter keeps', () => {
  it.each([
    [
      'of a record',
      '{"source":"engage","record":"{broken"}',
      payload.decodeRejected,
      payload.encodeRejected,
    ],
    [
      'of a value',
      '{"mapping":"shop:traits.ltv","record":"{}"}',
      payload.decodeRejected,
      payload.encodeRejected,
    ],
    [
      'of what Braze refused',
      '{"kind":"event","mapping":"shop:traits.ltv","value":"7","time":1}',
      payload.decodeRefused,
      payload.encodeRefused,
    ],
    [
      'of a user who waits',
      '{"records":["{}"],"doubted":[4],"unanswered":[2]}',
      payload.decodeDeferred,
      payload.encodeDeferred,
    ],
    [
      'of one of whom a membership is frozen',
      '{"records":["{}"],"doubted":[],"unanswered":[],"frozen":["removals=shop:audiences.vip"]}',
      payload.decodeDeferred,
      payload.encodeDeferred,
    ],
    [
      'of one of whom nothing else waits',
      '{"records":["{}"],"doubted":[],"unanswered":[],"frozen":["removals=shop:audiences.vip"],"frozenOnly":true}',
      payload.decodeDeferred,
      payload.encodeDeferred,
    ],
    [
      'of one of whom all is in doubt',
      '{"records":["{}"],"doubted":[]}',
      payload.decodeDeferred,
      payload.encodeDeferred,
    ],
  ] as const)('%s is read, and written the same', (_, text, decode, encode) => {
    const read = decode(JSON.parse(text) as Json)

    expect(JSON.stringify((encode as (value: unknown) => Json)(read))).toBe(text)
  })

  it('is the text alone in older letters', () => {
    expect(payload.decodeRejected('{broken')).toEqual({
      text: '{broken',
      mapping: '',
      source: null,
    })
    expect(payload.decodeDeferred({ records: [] })).toEqual({
      records: [],
      doubted: [],
      unanswered: null,
      frozen: [],
      isFrozenOnly: false,
      uncounted: null,
    })
  })

  it('is refused where it is something else', () => {
    for (const decode of [payload.decodeRefused, payload.decodeDeferred]) {
      expect(() => decode({ kind: 1, records: 'none' })).toThrow(
        expect.objectContaining({ code: 'STATE_UNREADABLE' }),
      )
    }
  })
})
