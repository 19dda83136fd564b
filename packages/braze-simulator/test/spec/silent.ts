import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { RuleName } from '../../src/index.ts'
import type { Probe, Spec } from './probe.ts'

/** A spec that a value is accepted, not stored, and in the drop log. */
function dropped(
  rule: RuleName,
  title: string,
  object: Record<string, unknown>,
  reason: string,
): Spec {
  return {
    title,
    rules: [rule],
    check: async (probe) => {
      await probe.write({ kept: 1 })
      const seen = await probe.track({ attributes: [{ external_id: 'u', ...object }] })
      expect(seen.body).toEqual({ attributes_processed: 1, message: 'success' })
      expect(Object.keys(await probe.custom())).toEqual(['kept'])
      expect(await probe.drops()).toEqual([reason])
    },
  }
}

/**
 * Sends a track request that gets no answer; it is received when this resolves, and open until it
 * is ended.
 */
async function hold(probe: Probe, body: object): Promise<{ end(): Promise<void> }> {
  const before = (await probe.look('requests')).total as number
  const stop = new AbortController()
  const hanging = fetch(`${probe.simulator.url}/users/track`, {
    method: 'POST',
    headers: { authorization: 'Bearer simulator', 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: stop.signal,
  }).catch(() => null)
  while ((await probe.look('requests')).total === before) await sleep(5)
  return {
    end: async () => {
      stop.abort()
      await hanging
    },
  }
}

/** What is accepted and yet not stored: points 13 and 14. */
export const SILENT: readonly Spec[] = [
  {
    title: 'an update makes no profile, and is still a success',
    rules: ['updateOnly', 'dropLog'],
    check: async (probe) => {
      const seen = await probe.track({
        attributes: [{ external_id: 'u', a: 1, _update_existing_only: true }],
      })
      expect([seen.status, seen.body]).toEqual([
        201,
        { attributes_processed: 1, message: 'success' },
      ])
      expect(await probe.user()).toBeNull()
      expect(await probe.look('drops')).toMatchObject({
        total: 1,
        counts: { unknown_user: 1 },
        drops: [
          {
            request: 1,
            reason: 'unknown_user',
            input: 'attributes',
            index: 0,
            name: null,
            user: 'u',
          },
        ],
      })
    },
  },
  {
    title: 'an unknown alias makes no profile',
    rules: ['aliasUpdateOnly', 'dropLog'],
    check: async (probe) => {
      const alias = { alias_name: 'n', alias_label: 'l' }
      await probe.track({
        attributes: [{ user_alias: alias, a: 1 }],
        events: [{ user_alias: alias, name: 'E', time: '2026-03-01' }],
      })
      expect((await probe.look('users')).total).toBe(0)
      expect(await probe.drops()).toEqual(['unknown_alias', 'unknown_alias'])
    },
  },
  {
    title: 'an unknown alias makes a profile when it may be created',
    rules: [],
    check: async (probe) => {
      await probe.track({
        attributes: [
          { user_alias: { alias_name: 'n', alias_label: 'l' }, a: 1, _update_existing_only: false },
        ],
      })
      expect((await probe.look('users')).users).toMatchObject([
        { user_aliases: [{ alias_name: 'n', alias_label: 'l' }], custom_attributes: { a: 1 } },
      ])
    },
  },
  dropped(
    'stringLength',
    'a string of 256 characters is not stored',
    { long: 'x'.repeat(256) },
    'string_too_long',
  ),
  {
    title: 'a string of 255 characters is stored, and a longer one can be cut',
    rules: [],
    options: { settings: { longStrings: 'cut' } },
    check: async (probe) => {
      await probe.write({ full: 'x'.repeat(255), long: 'y'.repeat(300) })
      expect(await probe.custom()).toEqual({ full: 'x'.repeat(255), long: 'y'.repeat(255) })
    },
  },
  {
    title: 'a long string in an array is left out of it',
    rules: ['stringLength'],
    check: async (probe) => {
      await probe.write({ list: ['x'.repeat(256), 'kept'] }, { list: { add: ['y'.repeat(256)] } })
      expect(await probe.custom()).toEqual({ list: ['kept'] })
      expect(await probe.drops()).toEqual(['string_too_long', 'string_too_long'])
    },
  },
  dropped(
    'nestedTime',
    'a null $time drops the whole attribute',
    { o: { good: 1, at: { $time: null } } },
    'nested_value_invalid',
  ),
  dropped(
    'nestedTime',
    'a $time of the year 4000 drops the whole attribute',
    { o: { at: { $time: '4000-01-01' } } },
    'nested_value_invalid',
  ),
  dropped(
    'nestedKeys',
    'a nested key with a dot drops the attribute',
    { o: { 'a.b': 1 } },
    'nested_value_invalid',
  ),
  dropped(
    'nestedKeys',
    'a nested key with a space drops the attribute',
    { o: { 'a b': 1 } },
    'nested_value_invalid',
  ),
  dropped(
    'nestedSize',
    'an object over 100 KB is not stored',
    { o: { text: 'x'.repeat(102_400) } },
    'too_large',
  ),
  {
    title: 'an addition that would pass 100 KB is not stored, what was there stays',
    rules: ['nestedSize'],
    check: async (probe) => {
      await probe.write({ list: [{ id: 1 }] }, { list: { $add: [{ id: 'x'.repeat(102_400) }] } })
      expect(await probe.custom()).toEqual({ list: [{ id: 1 }] })
    },
  },
  {
    title: 'a value that cannot become the type is not stored',
    rules: ['coercion'],
    check: async (probe) => {
      await probe.write({ n: 1, b: true, at: '2026-03-01', list: ['a'], o: { k: 1 }, s: 'text' })
      await probe.write({ n: 'many', b: 'maybe', at: 'soon', list: 'a', o: [1], s: true })
      expect(await probe.custom()).toEqual({
        n: 1,
        b: true,
        at: '2026-03-01T00:00:00.000Z',
        list: ['a'],
        o: { k: 1 },
        s: 'text',
      })
      expect(await probe.drops()).toEqual(Array(6).fill('not_coercible'))
    },
  },
  {
    title: 'a time zone that does not exist is not set',
    rules: ['timeZone'],
    check: async (probe) => {
      await probe.write({ time_zone: 'Europe/Paris' }, { time_zone: 'Mars/Base' })
      expect(await probe.user()).toMatchObject({ time_zone: 'Europe/Paris' })
      expect(await probe.drops()).toEqual(['invalid_time_zone'])
    },
  },
  {
    title: 'a country is mapped, or becomes null',
    rules: ['country'],
    check: async (probe) => {
      await probe.write({ country: 'Germany' })
      expect(await probe.user()).toMatchObject({ country: 'DE' })
      await probe.write({ country: 'Atlantis' })
      expect(await probe.user()).not.toHaveProperty('country')
      expect(await probe.drops()).toEqual(['country_unmapped'])
    },
  },
  {
    title: 'names that Braze does not take are not stored',
    rules: ['names'],
    check: async (probe) => {
      const event = (name: string) => ({ external_id: 'u', name, time: '2026-03-01' })
      await probe.track({
        attributes: [
          { external_id: 'u', $a: 1, ' ': 1, ['x'.repeat(256)]: 1, ['y'.repeat(255)]: 1 },
        ],
        events: [event('$E'), event('e'.repeat(256)), event('e'.repeat(255))],
      })
      expect([
        Object.keys(await probe.custom()),
        (await probe.user()).custom_events.length,
      ]).toEqual([['y'.repeat(255)], 1])
      expect(await probe.drops()).toEqual(Array(5).fill('invalid_name'))
    },
  },
  {
    title: 'blocked attributes and events are not stored',
    rules: ['blocklist', 'pointsFree'],
    options: { settings: { blockedAttributes: ['secret'], blockedEvents: ['Hidden'] } },
    check: async (probe) => {
      await probe.track({
        attributes: [{ external_id: 'u', secret: 1, email_subscribe: 'subscribed' }],
        events: [{ external_id: 'u', name: 'Hidden', time: '2026-03-01' }],
      })
      expect(await probe.user()).toMatchObject({ custom_attributes: {}, custom_events: [] })
      expect(await probe.drops()).toEqual(['blocked_name', 'blocked_name'])
      expect(await probe.points()).toBe(0)
    },
  },
  {
    title: 'the answer comes before the write',
    rules: ['delayedApply'],
    options: { settings: { applyDelayMs: 60_000 } },
    check: async (probe) => {
      await probe.send('/users/track', { attributes: [{ external_id: 'u', a: 1 }] })
      expect(await probe.user()).toBeNull()
      probe.simulator.settle()
      expect(await probe.custom()).toEqual({ a: 1 })
    },
  },
  {
    title: 'the write comes by itself',
    rules: [],
    options: { settings: { applyDelayMs: 1 } },
    check: async (probe) => {
      await probe.send('/users/track', { attributes: [{ external_id: 'u', a: 1 }] })
      for (let turn = 0; turn < 500 && (await probe.user()) === null; turn++);
      expect(await probe.custom()).toEqual({ a: 1 })
    },
  },
  {
    title: 'shuffled requests overtake each other, in an order the seed decides',
    rules: ['shuffle'],
    options: {
      seed: 7,
      now: () => 1_772_000_000_000,
      settings: { applyDelayMs: 60_000, applyShuffle: true },
    },
    check: async (probe) => {
      for (let number = 0; number < 10; number++)
        await probe.send('/users/track', {
          attributes: [{ external_id: 'u', order: { add: [number] } }],
        })
      probe.simulator.settle()
      const order = (await probe.custom()).order as number[]
      expect(order.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      expect(order).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    },
  },
  {
    title: 'attributes are written before the events of their request, and in array order',
    rules: ['arrayOrder'],
    check: async (probe) => {
      const event = { external_id: 'u', name: 'E', time: '2026-03-01', _update_existing_only: true }
      await probe.track({
        events: [event],
        attributes: [
          { external_id: 'u', a: 1 },
          { external_id: 'u', a: 2 },
        ],
      })
      expect(await probe.user()).toMatchObject({
        custom_attributes: { a: 2 },
        custom_events: [{ name: 'E', count: 1 }],
      })
    },
  },
  {
    title: 'a character of a text is a character, however many UTF-16 units it takes',
    rules: ['stringLength'],
    check: async (probe) => {
      await probe.write({ fits: '💥'.repeat(255), long: '💥'.repeat(256) })
      expect(Object.keys(await probe.custom())).toEqual(['fits'])
    },
  },
  ...(
    [
      ['remove', { size: 'L' }, { size: 'L', deep: {} }],
      ['store', { size: 'L', color: null }, { size: 'L', color: null, deep: { a: null } }],
      ['drop', undefined, { size: 'M', color: 'red', deep: { a: 1 } }],
    ] as const
  ).map(([nestedNulls, replaced, merged]): Spec => ({
    title: `a null member of an object: ${nestedNulls}`,
    rules: [],
    options: { settings: { nestedNulls } },
    check: async (probe) => {
      await probe.write({ prefs: { size: 'L', color: null } })
      expect((await probe.custom()).prefs).toEqual(replaced)
      await probe.write({ prefs: { size: 'M', color: 'red', deep: { a: 1 } } })
      await probe.write({
        prefs: { size: 'L', color: null, deep: { a: null } },
        _merge_objects: true,
      })
      expect((await probe.custom()).prefs).toEqual(merged)
    },
  })),
  {
    title: 'drops are told by cause and count, since a request if asked',
    rules: ['dropLog'],
    check: async (probe) => {
      await probe.write({ n: 1 }, { n: 'x', s: 'y'.repeat(256) }, { n: 'x' })
      const cause = (reason: string, name: string, count: number) => ({
        reason,
        input: 'attributes',
        name,
        count,
        text: expect.any(String),
      })
      const all = await probe.look('drops')
      expect(all.causes).toEqual([cause('not_coercible', 'n', 2), cause('string_too_long', 's', 1)])
      expect(await probe.look('drops?since=2')).toMatchObject({
        since: 2,
        last_request: 3,
        is_complete: true,
        total: 1,
        counts: { not_coercible: 1 },
        causes: [cause('not_coercible', 'n', 1)],
        drops: [{ request: 3 }],
      })
      expect(await probe.look('drops?since=3')).toMatchObject({
        total: 0,
        counts: {},
        causes: [],
        drops: [],
      })
    },
  },
  {
    title: 'a user in two open requests is told, others and one after another are not',
    rules: ['openUsers'],
    options: { faults: [{ kind: 'timeout' }] },
    check: async (probe) => {
      const one = (id: string) =>
        probe.send('/users/track', { attributes: [{ external_id: id, n: 1 }] })
      const held = await hold(probe, { attributes: [{ external_id: 'u', n: 1 }] })
      for (const id of ['v', 'u', 'v', 'v']) await one(id)
      expect(await probe.look('overlaps')).toEqual({
        total: 1,
        overlaps: [{ user: 'u', first: 1, second: 3 }],
      })
      expect((await probe.look('summary')).overlaps).toBe(1)
      await held.end()
    },
  },
  {
    title: 'a user is told by whatever identifier, and while a request gets no answer',
    rules: ['openUsers'],
    options: { settings: { applyDelayMs: 0 } },
    check: async (probe) => {
      const alias = { alias_name: 'n', alias_label: 'l' }
      await probe.write({ a: 1 })
      await probe.send('/users/alias/new', { user_aliases: [{ external_id: 'u', ...alias }] })
      probe.simulator.addFault({ kind: 'timeout' })
      const held = await hold(probe, { attributes: [{ external_id: 'u', a: 2 }] })
      await probe.send('/users/track', {
        events: [{ user_alias: alias, name: 'E', time: '2026-11-20' }],
      })
      expect((await probe.look('overlaps')).overlaps).toEqual([
        { user: 'l:n', first: 3, second: 4 },
      ])
      await held.end()
    },
  },
]
