import { inflateRawSync } from 'node:zlib'
import { expect } from 'vitest'
import type { Probe, Spec } from './probe.ts'

const GROUP = '6f2f3a0e-8d3c-4f5e-9a53-0c1ddc7c2f10'
const OTHER = '00000000-0000-4000-8000-000000000001'
const GOLD = {
  id: 'gold',
  name: 'Gold',
  filter: {
    custom_attribute: { custom_attribute_name: 'plan', comparison: 'equals', value: 'gold' },
  },
}
const get = (probe: Probe, path: string) => probe.send(path, null, { method: 'GET' })
const rename = (probe: Probe, current: string, next: string) =>
  probe.track(
    { external_id_renames: [{ current_external_id: current, new_external_id: next }] },
    '/users/external_ids/rename',
  )

/** Renamed ids, subscriptions, catalogues and segments. */
export const DIRECTORY: readonly Spec[] = [
  {
    title: 'a renamed external id finds its user until it is removed',
    rules: ['renameDeprecates'],
    check: async (probe) => {
      await probe.write({ a: 1 })
      expect([(await rename(probe, 'u', 'new')).body, await probe.points()]).toEqual([
        { message: 'success', external_ids: ['new'], rename_errors: [] },
        1,
      ])
      await probe.write({ b: 2 })
      expect(await probe.user('new')).toMatchObject({
        external_id: 'new',
        custom_attributes: { a: 1, b: 2 },
      })
      const removed = await probe.track({ external_ids: ['u'] }, '/users/external_ids/remove')
      expect([removed.status, removed.body]).toEqual([
        201,
        { message: 'success', removed_ids: ['u'], removal_errors: [] },
      ])
      expect([await probe.user('u'), (await probe.look('users')).total]).toEqual([null, 1])
    },
  },
  {
    title: 'a rename needs a primary id, and one that is free',
    rules: ['renameChecks'],
    check: async (probe) => {
      await probe.track({
        attributes: [
          { external_id: 'u', a: 1 },
          { external_id: 'v', a: 1 },
        ],
      })
      await rename(probe, 'u', 'w')
      for (const [current, next] of [
        ['u', 'x'],
        ['v', 'u'],
        ['v', 'w'],
        ['v', 'v'],
        ['nobody', 'x'],
      ])
        expect((await rename(probe, current, next)).body).toMatchObject({
          external_ids: [],
          rename_errors: [[0, expect.any(String)]],
        })
    },
  },
  {
    title: 'only deprecated external ids can be removed',
    rules: ['removeDeprecated'],
    check: async (probe) => {
      await probe.write({ a: 1 })
      const { body } = await probe.track(
        { external_ids: ['u', 'nobody'] },
        '/users/external_ids/remove',
      )
      expect(body).toMatchObject({
        removed_ids: [],
        removal_errors: [
          [0, expect.any(String)],
          [1, expect.any(String)],
        ],
      })
      expect(await probe.user()).not.toBeNull()
    },
  },
  {
    title: 'renames and removals come fifty at a time',
    rules: ['idsPerRequest'],
    check: async (probe) => {
      const many = (count: number) => Array.from({ length: count }, (_, index) => `u${index}`)
      expect(
        (await probe.send('/users/external_ids/remove', { external_ids: many(51) })).status,
      ).toBe(400)
      expect(
        (await probe.send('/users/external_ids/remove', { external_ids: many(50) })).status,
      ).toBe(201)
      expect((await probe.send('/users/external_ids/remove', { external_ids: [] })).status).toBe(
        400,
      )
      expect(
        (await probe.send('/users/external_ids/rename', { external_id_renames: many(51) })).status,
      ).toBe(400)
    },
  },
  {
    title: 'a subscription state is set by id, and shown by id, without cost',
    rules: [],
    check: async (probe) => {
      await probe.write({ email: 'a@b.co' })
      const before = await probe.points()
      const set = await probe.track(
        {
          subscription_group_id: GROUP,
          subscription_state: 'subscribed',
          external_id: ['u', 'nobody'],
        },
        '/subscription/status/set',
      )
      expect([set.status, set.body]).toEqual([201, { message: 'success' }])
      const shown = await get(
        probe,
        `/subscription/status/get?subscription_group_id=${GROUP}&external_id[]=u&external_id[]=nobody`,
      )
      expect(shown.body).toEqual({
        status: { u: 'Subscribed', nobody: 'Unknown' },
        message: 'success',
      })
      const groups = await get(probe, '/subscription/user/status?external_id=u')
      expect(groups.body).toEqual({
        users: [
          {
            email: 'a@b.co',
            phone: null,
            external_id: 'u',
            subscription_groups: [
              { id: GROUP, name: GROUP, channel: 'email', status: 'Subscribed' },
            ],
          },
        ],
        total_count: 1,
        message: 'success',
      })
      expect([await probe.points(), await probe.user('nobody')]).toEqual([before, null])
    },
  },
  {
    title: 'version 2 sets several groups at once',
    rules: [],
    check: async (probe) => {
      await probe.write({ email: 'a@b.co' })
      const groups = [
        { subscription_group_id: GROUP, subscription_state: 'subscribed', external_ids: ['u'] },
        { subscription_group_id: OTHER, subscription_state: 'unsubscribed', emails: ['a@b.co'] },
      ]
      expect(
        (await probe.track({ subscription_groups: groups }, '/v2/subscription/status/set')).body,
      ).toEqual({ message: 'success' })
      expect((await probe.user()).subscription_groups).toEqual([
        { subscription_group_id: GROUP, subscription_state: 'subscribed' },
        { subscription_group_id: OTHER, subscription_state: 'unsubscribed' },
      ])
    },
  },
  {
    title: 'a subscription state goes to everybody who shares an address',
    rules: ['subscriptionShared'],
    check: async (probe) => {
      await probe.track({
        attributes: ['u', 'v'].map((id) => ({ external_id: id, email: 'a@b.co' })),
      })
      await probe.track(
        { subscription_group_id: GROUP, subscription_state: 'subscribed', email: 'a@b.co' },
        '/subscription/status/set',
      )
      const { body } = await get(
        probe,
        `/subscription/status/get?subscription_group_id=${GROUP}&external_id[]=u&external_id[]=v`,
      )
      expect(body.status).toEqual({ u: 'Subscribed', v: 'Subscribed' })
    },
  },
  {
    title: 'a subscription request takes emails or phones, not both',
    rules: ['subscriptionContacts'],
    check: async (probe) => {
      const both = {
        subscription_group_id: GROUP,
        subscription_state: 'subscribed',
        email: ['a@b.co'],
        phone: ['+491'],
      }
      const seen = await probe.send('/subscription/status/set', both)
      const message = 'Either an email address or a phone number should be provided, but not both.'
      expect([seen.status, seen.body]).toEqual([400, { message }])
    },
  },
  {
    title: 'the group of a subscription request is a UUID',
    rules: ['subscriptionGroupId'],
    check: async (probe) => {
      const seen = await probe.send('/subscription/status/set', {
        subscription_group_id: 'news',
        subscription_state: 'subscribed',
        external_id: ['u'],
      })
      expect([seen.status, seen.body]).toEqual([400, { message: 'Invalid subscription group ID' }])
      expect(
        (await get(probe, '/subscription/status/get?subscription_group_id=news&external_id=u'))
          .status,
      ).toBe(400)
    },
  },
  {
    title: 'both versions of the subscription call share a limit',
    rules: ['rateGroups'],
    options: { settings: { subscriptionsLimit: 1 } },
    check: async (probe) => {
      const statuses = []
      for (const path of [
        '/subscription/status/set',
        '/v2/subscription/status/set',
        '/users/delete',
      ])
        statuses.push((await probe.send(path, {})).status)
      expect(statuses).toEqual([400, 429, 400])
    },
  },
  {
    title: 'events and products are listed',
    rules: [],
    check: async (probe) => {
      const time = '2026-11-20'
      await probe.track({
        events: ['B', 'A'].map((name) => ({ external_id: 'u', name, time })),
        purchases: [{ external_id: 'u', product_id: 'hat', currency: 'USD', price: 1, time }],
      })
      const shown = {
        description: null,
        included_in_analytics_report: false,
        status: 'Active',
        tag_names: [],
      }
      expect((await get(probe, '/events')).body).toEqual({
        message: 'success',
        events: [
          { name: 'A', ...shown },
          { name: 'B', ...shown },
        ],
      })
      expect((await get(probe, '/purchases/product_list?page=0')).body).toEqual({
        products: ['hat'],
        message: 'success',
      })
      expect((await get(probe, '/purchases/product_list?page=1')).body).toEqual({
        products: [],
        message: 'success',
      })
    },
  },
  {
    title: 'segments are listed, shown, and exported as an archive of lines',
    rules: [],
    options: { segments: [GOLD], now: () => Date.UTC(2026, 10, 29) },
    check: async (probe) => {
      await probe.track({
        attributes: [
          { external_id: 'u', plan: 'gold', n: 1 },
          { external_id: 'v', plan: 'free', n: 2 },
        ],
      })
      expect((await get(probe, '/segments/list')).body).toEqual({
        message: 'success',
        segments: [{ id: 'gold', name: 'Gold', analytics_tracking_enabled: false, tags: [] }],
      })
      expect((await get(probe, '/segments/details?segment_id=gold')).body).toMatchObject({
        name: 'Gold',
        created_at: '2026-11-29T00:00:00.000Z',
        tags: [],
      })
      expect((await get(probe, '/segments/details?segment_id=other')).status).toBe(400)
      const wanted = {
        segment_id: 'gold',
        fields_to_export: ['external_id'],
        custom_attributes_to_export: ['n'],
      }
      const { body } = await probe.send('/users/export/segment', wanted)
      expect(body).toMatchObject({
        message: 'success',
        object_prefix: expect.stringMatching(/^segment-export\/gold\/2026-11-29\//),
      })
      expect(await archived(body.url as string)).toEqual([
        { external_id: 'u', custom_attributes: { n: 1 } },
      ])
    },
  },
  {
    title: 'an export of a segment says which fields',
    rules: ['segmentFields'],
    options: { segments: [GOLD] },
    check: async (probe) =>
      expect((await probe.send('/users/export/segment', { segment_id: 'gold' })).status).toBe(400),
  },
]

/** Lines of the first file of an archive. */
async function archived(url: string): Promise<readonly unknown[]> {
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer())
  const [packed, nameLength] = [bytes.readUInt32LE(18), bytes.readUInt16LE(26)]
  const text = inflateRawSync(bytes.subarray(30 + nameLength, 30 + nameLength + packed)).toString()
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]))
}
